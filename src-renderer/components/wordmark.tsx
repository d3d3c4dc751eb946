/** The product's name with its sign: two shores, and the lane between them. */
export function Wordmark() {
  return (
    <h1 className="wordmark">
      <svg viewBox="0 0 32 24" aria-hidden="true" focusable="false">
        <circle cx="5" cy="18" r="3.5" className="wordmark-shore" />
        <circle cx="27" cy="6" r="3.5" className="wordmark-shore" />
        <path d="M9 18 C 19 18, 13 6, 23 6" className="wordmark-lane" />
      </svg>
      Sealane
    </h1>
  );
}

interface Props {
  readonly words: readonly string[];
}

/** What something is beside a plain file, in boxes behind its name. */
export function OfferMarks({ words }: Props) {
  return words.map((word) => (
    <span key={word} className="mark" data-mark={word}>
      {/* Between the two for a screen reader, which knows no boxes. */}
      <span className="visually-hidden">, </span>
      {word}
    </span>
  ));
}

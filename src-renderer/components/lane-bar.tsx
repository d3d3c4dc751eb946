interface Props {
  readonly label: string;
  /** From 0 to 100; null while nobody can say. */
  readonly percent: number | null;
  /** What a screen reader says in the place of the number. */
  readonly text: string;
}

/** A progress bar drawn as a lane on a chart: dashed ahead, solid behind. */
export function LaneBar({ label, percent, text }: Props) {
  return (
    <div
      className="lane"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuetext={text}
      {...(percent === null ? { 'data-unknown': true } : { 'aria-valuenow': percent })}
    >
      <div className="lane-done" style={percent === null ? undefined : { transform: reaching(percent) }} />
    </div>
  );
}

/** As wide as the lane, and to the left of it but for this much; at least a dot is to be seen. */
function reaching(percent: number): string {
  return `translateX(calc(max(0.5rem, ${String(percent)}%) - 100%))`;
}

/** Four strokes of a tally, the last one present: the roll is called. */
export const Mark = ({ size = 22 }: { size?: number }) => (
  <svg width={size} height={size} viewBox="0 0 22 22" aria-hidden="true">
    {[1, 7, 13].map((x) => (
      <rect key={x} x={x} y="3" width="3.2" height="16" rx="1.6" fill="currentColor" />
    ))}
    <rect x="19" y="3" width="3.2" height="16" rx="1.6" fill="var(--accent)" />
  </svg>
);

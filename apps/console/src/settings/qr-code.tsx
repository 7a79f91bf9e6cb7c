import { encode } from 'uqr';
import style from './add-factor.module.css';

/** Light around it, in modules: scanners want four. */
const BORDER = 4;

/** A QR code of rectangles: one for each run of dark modules in a row. Dark on light in either theme: not every scanner reads the inverse. */
export function QrCode({ of, label }: { of: string; label: string }) {
  const { data, size } = encode(of, { ecc: 'M', border: BORDER });
  return (
    <svg className={style.qr} viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
      {data.flatMap((row, y) =>
        runsOf(row).map(([from, length]) => <rect key={`${from}-${y}`} x={from} y={y} width={length} height={1} />),
      )}
    </svg>
  );
}

/** Where dark modules begin in a row, and how many follow each other. */
function runsOf(row: readonly boolean[]): [from: number, length: number][] {
  return row.flatMap((isDark, x) => {
    if (!isDark || row[x - 1]) return [];
    const end = row.indexOf(false, x);
    return [[x, (end < 0 ? row.length : end) - x]];
  });
}

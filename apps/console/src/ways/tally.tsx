import style from './ways.module.css';

const [ROWS, COLUMNS] = [18, 30];
const YOU = ROWS * COLUMNS - 9;

const noise = (i: number) => {
  const mixed = Math.imul(i ^ 0x5bd1e995, 0x2c1b3c6d);
  return (Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39) >>> 7) & 0xffff;
};

/** A roll that has been called: decoration, drawn the same for everybody. */
export const Tally = () => (
  <svg className={style.tally} viewBox="0 0 620 720" preserveAspectRatio="xMidYMid slice" aria-hidden="true">
    {Array.from({ length: ROWS * COLUMNS }, (_, i) => {
      const [row, column] = [Math.floor(i / COLUMNS), i % COLUMNS];
      const isHere = i === YOU || noise(i) % 100 < 18 + row * 3.4;
      return (
        <rect
          key={i}
          x={10 + column * 20.2}
          y={14 + row * 39 + (isHere ? 0 : 15)}
          width="3.5"
          height={isHere ? 25 : 10}
          rx="1.75"
          className={i === YOU ? style.you : isHere ? style.here : style.gone}
        />
      );
    })}
  </svg>
);

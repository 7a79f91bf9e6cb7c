/** Numbers in [0, 1), always the same ones for a seed. */
export type Random = () => number;

/** sfc32, its state filled from the seed by a Weyl sequence; 53 bits a number, so that a million samples meet no grid. */
export function seeded(seed: number): Random {
  let a = mix(seed),
    b = mix(seed + 1),
    c = mix(seed + 2),
    counter = 1;
  const word = () => {
    const sum = (a + b + counter++) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i++) word();
  return () => ((word() >>> 6) * 0x8000000 + (word() >>> 5)) / 0x20000000000000;
}

function mix(seed: number) {
  let h = Math.imul(seed | 0, 0x9e3779b1) ^ Math.floor(seed / 0x100000000);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

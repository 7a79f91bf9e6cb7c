import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const color = z.string().regex(/^#[\da-f]{6}$/i, 'must be a colour such as #3a51cf');

/** What an installation is called and looks like, in pages and mails. */
const schema = z.strictObject({
  name: z.string().trim().min(1).max(40),
  /** A square SVG picture; where it lies is said from the file on. */
  logo: z.string().regex(/\.svg$/, 'must be a picture whose name ends with .svg'),
  /** Of links, switches and the marks of the roll, on light ground and on dark. */
  accent: z.strictObject({ light: color, dark: color }),
  /** Where people ask for help. */
  supportUrl: z.url({ protocol: /^(https|mailto)$/ }).nullable(),
  /** The last line of every mail; null: ours. */
  mailFooter: z.string().trim().min(1).max(300).nullable(),
});

export type Brand = Readonly<Omit<z.output<typeof schema>, 'logo'>> & {
  /** SVG. */
  readonly logo: string;
};

const OURS = ((at) => {
  while (!existsSync(join(at, 'package.json'))) at = dirname(at);
  return join(at, 'brand', 'brand.json');
})(dirname(fileURLToPath(import.meta.url)));

/** The setting `BRAND`: a file like `brand/brand.json`, which is read when a service starts. */
export const brandFile = (): z.ZodDefault<z.ZodString> =>
  z
    .string()
    .min(1)
    .superRefine((file, context) => {
      try {
        readBrand(file);
      } catch (error) {
        context.addIssue({ code: 'custom', message: `cannot be read: ${(error as Error).message}` });
      }
    })
    .default(OURS);

/** @throws ZodError, or an error of the file system. */
export function readBrand(file: string = OURS): Brand {
  const { logo, ...brand } = schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  return { ...brand, logo: readFileSync(isAbsolute(logo) ? logo : resolve(dirname(file), logo), 'utf8') };
}

import { z } from 'zod';
import { route } from './route.ts';
import * as shape from './shapes.ts';

/** Development aids. */
export const developmentRoutes = {
  devMail: route({
    method: 'GET',
    path: '/dev/mail',
    access: 'development',
    does: 'Shows the mails that were caught.',
    query: z.strictObject({ to: z.string().max(254).optional() }),
    answer: z.object({
      items: z.array(
        z.object({ to: z.string(), subject: z.string(), text: z.string(), html: z.string(), sentAt: shape.instant }),
      ),
    }),
  }),
  advanceClock: route({
    method: 'POST',
    path: '/dev/clock/advance',
    access: 'development',
    does: "Moves the installation's clock forward.",
    body: z.strictObject({ seconds: z.int().min(1).max(315_360_000) }),
    answer: z.object({ now: shape.instant }),
  }),
} as const;

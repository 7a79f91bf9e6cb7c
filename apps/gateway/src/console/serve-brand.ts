import type { Brand } from '#platform';
import type { FastifyInstance } from 'fastify';

/** The two files in which a brand reaches browsers: its picture, and its colour in place of ours. */
export function serveBrand(server: FastifyInstance, { logo, accent: { light, dark } }: Brand): void {
  const soft = (color: string, ground: string) => `color-mix(in srgb,${color} 12%,${ground})`;
  const style = `:root{--accent:light-dark(${light},${dark});--accent-soft:light-dark(${soft(light, '#fff')},${soft(dark, '#26231f')})}`;
  for (const [address, type, text] of [
    ['/mark.svg', 'image/svg+xml', logo],
    ['/favicon.ico', 'image/svg+xml', logo],
    ['/brand.css', 'text/css; charset=utf-8', style],
  ] as const)
    server.get(address, (_request, reply) => {
      void reply.header('content-type', type).header('cache-control', 'no-cache').send(text);
    });
}

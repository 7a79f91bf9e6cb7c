import './context/arrival.ts';
import './design/base.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Refusal } from './api/client.ts';
import { onReachable } from './api/reachable.ts';
import { makeRouter } from './routes.tsx';

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // What was refused stays refused; what did not answer is asked again.
      retry: (count, error) => !(error instanceof Refusal && error.problem.status < 500) && count < 2,
    },
    mutations: { gcTime: 0 },
  },
});
onReachable(() => void queries.invalidateQueries());

const root = document.getElementById('root');
if (root)
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <RouterProvider router={makeRouter(queries)} />
      </QueryClientProvider>
    </StrictMode>,
  );

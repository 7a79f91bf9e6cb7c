import { Pool } from 'pg';
import { openExecutor } from './executor.fixture.ts';

// A process of its own, to be killed: `executor.int.spec.ts`.
openExecutor(new Pool({ connectionString: process.argv[2] ?? '', max: 5 })).executor.start();

import { Outlet } from '@tanstack/react-router';

export const OrganizationPages = () => <Outlet />;

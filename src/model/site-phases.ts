/** The phases of a site's files, in their order. */
export const FILE_PHASES = ['assets', 'data', 'pages'] as const;
export type FilePhase = (typeof FILE_PHASES)[number];

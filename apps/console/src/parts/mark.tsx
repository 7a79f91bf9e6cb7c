/** The brand's picture: decoration, its name stands beside it or in the link around it. It follows the theme of the page. */
export const Mark = ({ size = 24 }: { size?: number }) => <img src="/mark.svg" alt="" width={size} height={size} />;

/** Style sheets are imported for esbuild, which writes them beside the scripts. */
declare module "*.css";

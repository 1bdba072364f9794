/** The STOMP codec: octets to frames and back, for STOMP 1.0, 1.1 and 1.2; runs anywhere. */
export { VERSIONS } from "./commands.ts";
export { FrameError } from "./errors.ts";
export { Headers } from "./headers.ts";
export { FrameParser } from "./parser.ts";
export { serializeFrame, serializeHead, serializeOctets } from "./serializer.ts";
export type { Command, Peer, Version } from "./commands.ts";
export type { FrameErrorCode, FrameErrorDetail } from "./errors.ts";
export type { Frame } from "./frame.ts";
export type { HeaderList } from "./headers.ts";
export type { FrameLimits } from "./parser.ts";

/** Headers of a frame, as @stomp/stompjs has them. */
export type Headers = Record<string, string>;

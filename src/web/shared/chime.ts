/** Two short tones, made on the spot; browsers want a gesture before the first sound. */

export type Chime = {
  /** Call it in a gesture: a click, a key. */
  readonly unlock: () => void;
  /** `gain` is 0 to 1; silent before the first gesture. */
  readonly play: (gain?: number) => void;
};

const GAIN = 0.12;

export function createChime(): Chime {
  let context: AudioContext | undefined;
  const tone = (audio: AudioContext, hertz: number, at: number, loud: number): void => {
    const oscillator = audio.createOscillator();
    const gain = audio.createGain();
    oscillator.frequency.value = hertz;
    gain.gain.setValueAtTime(0.0001, at);
    gain.gain.exponentialRampToValueAtTime(loud, at + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.3);
    oscillator.connect(gain).connect(audio.destination);
    oscillator.start(at);
    oscillator.stop(at + 0.32);
  };
  return {
    unlock: () => {
      context ??= new AudioContext();
      void context.resume();
    },
    play: (gain = GAIN) => {
      if (context?.state !== "running") return;
      tone(context, 740, context.currentTime, gain);
      tone(context, 988, context.currentTime + 0.14, gain);
    },
  };
}

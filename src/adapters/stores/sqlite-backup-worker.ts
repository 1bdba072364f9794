/** The thread that copies a database, so that the one beside it can tell how far it is and hear signals. */
import { parentPort, workerData } from "node:worker_threads";
import { writeBackup } from "./sqlite-backup.ts";
import { isReadError, troubleOf } from "./storage-trouble.ts";
import type { BackupLabel, BackupSummary } from "./sqlite-backup.ts";
import type { StorageTrouble } from "./storage-trouble.ts";

export type CopyOrder = { readonly source: string; readonly target: string; readonly label: BackupLabel };

export type CopyNews =
  | { readonly type: "begun"; readonly octets: number }
  | { readonly type: "copied" }
  | { readonly type: "done"; readonly summary: BackupSummary }
  | {
      readonly type: "failed";
      readonly reason: string;
      readonly trouble: StorageTrouble | undefined;
      /** The database could not be read; otherwise it is the copy that could not be written, or not checked. */
      readonly isOfSource: boolean;
    };

const tell = (news: CopyNews): void => parentPort?.postMessage(news);
const { source, target, label } = workerData as CopyOrder;
const progress = { isBegun: false };
try {
  const summary = writeBackup(source, target, label, {
    begun: (octets) => {
      progress.isBegun = true;
      tell({ type: "begun", octets });
    },
    copied: () => {
      tell({ type: "copied" });
    },
  });
  tell({ type: "done", summary });
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  const trouble = troubleOf(error);
  tell({ type: "failed", reason, trouble, isOfSource: !progress.isBegun || isReadError(error) });
}

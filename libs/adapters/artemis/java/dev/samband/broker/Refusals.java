package dev.samband.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** Tells whoever looks after the broker that it refuses messages, by the text of one small file: when it did so last. */
final class Refusals {
  private static final String FILE = System.getProperty("samband.refusals");
  private static final long EVERY_NANOS = 1_000_000_000L;
  private static final AtomicLong LAST = new AtomicLong(System.nanoTime() - EVERY_NANOS);

  private Refusals() {}

  static void note() {
    long now = System.nanoTime();
    long last = LAST.get();
    if (FILE == null || now - last < EVERY_NANOS || !LAST.compareAndSet(last, now)) return;
    try {
      Files.writeString(Path.of(FILE), Instant.now().toString());
    } catch (IOException | UncheckedIOException ignored) {
      // The next look at the space finds it out as well.
    }
  }
}

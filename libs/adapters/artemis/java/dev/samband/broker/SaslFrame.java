package dev.samband.broker;

import io.netty.buffer.ByteBuf;

/**
 * SASL frames of AMQP 1.0 (part 5.3), as far as they come before a login: no type but those that their fields have is
 * admitted, so that no decoder meets nested or counted things. All positions are absolute.
 */
final class SaslFrame {
  static final int SIZE_BYTES = 4;
  private static final int HEADER = 8;
  /** What the broker's own decoder takes: a token of a service account is longer than the 512 of the specification. */
  private static final int MOST = 4096;

  private static final int SASL_TYPE = 1;
  private static final int INIT = 0x41;
  private static final int RESPONSE = 0x43;
  private static final int OUTCOME = 0x44;
  private static final int AMQP = 0x414d5150;

  private SaslFrame() {}

  static long sizeAt(ByteBuf buffer, int at) {
    return buffer.getUnsignedInt(at);
  }

  static boolean isSizeLegal(long size) {
    return size >= HEADER && size <= MOST;
  }

  /** Whether a whole frame is {@code sasl-init}, if it is the first, or else {@code sasl-response}. */
  static boolean isLegal(ByteBuf buffer, int at, int size, boolean isFirst) {
    int body = at + 4 * buffer.getUnsignedByte(at + SIZE_BYTES);
    int end = at + size;
    if (body < at + HEADER || body > end || buffer.getUnsignedByte(at + 5) != SASL_TYPE) return false;
    Fields fields = new Fields(buffer, body, end);
    if (!fields.begins(isFirst ? INIT : RESPONSE)) return false;
    boolean isLegal = isFirst
        ? fields.takes(0xa3, 0xb3) && fields.mayTake(0xa0, 0xb0) && fields.mayTake(0xa1, 0xb1)
        : fields.takes(0xa0, 0xb0);
    return isLegal && fields.isAtEnd();
  }

  /** @return whether a login succeeded, {@code null} when nothing is said of it in what the broker writes */
  static Boolean outcomeIn(ByteBuf written) {
    int at = written.readerIndex();
    int end = written.writerIndex();
    while (end - at >= HEADER) {
      if (written.getInt(at) == AMQP) {
        at += HEADER;
        continue;
      }
      long size = sizeAt(written, at);
      if (size < HEADER || size > end - at) return null;
      if (written.getUnsignedByte(at + 5) == SASL_TYPE) {
        Fields fields = new Fields(written, at + 4 * written.getUnsignedByte(at + SIZE_BYTES), (int) (at + size));
        if (fields.begins(OUTCOME)) return fields.isOk();
      }
      at += (int) size;
    }
    return null;
  }

  /** A described list whose fields are taken one after the other. */
  private static final class Fields {
    private final ByteBuf buffer;
    private final int end;
    private int at;
    private long left;

    Fields(ByteBuf buffer, int at, int end) {
      this.buffer = buffer;
      this.at = at;
      this.end = end;
    }

    /** The descriptor, as a number in one or in eight bytes, and the head of the list that fills the rest. */
    boolean begins(int descriptor) {
      if (!has(3) || next() != 0x00) return false;
      int form = next();
      if (form == 0x80 && has(8)) {
        if (buffer.getLong(at) != descriptor) return false;
        at += 8;
      } else if (form != 0x53 || next() != descriptor) return false;
      if (!has(1)) return false;
      switch (next()) {
        case 0x45:
          return true;
        case 0xc0:
          if (!has(2) || next() != end - at) return false;
          left = next();
          return true;
        case 0xd0:
          if (!has(8) || buffer.getUnsignedInt(at) != end - at - 4) return false;
          left = buffer.getUnsignedInt(at + 4);
          at += 8;
          return true;
        default:
          return false;
      }
    }

    boolean takes(int small, int large) {
      if (left == 0 || !has(2)) return false;
      left--;
      int form = next();
      long length;
      if (form == small) length = next();
      else if (form == large && has(4)) {
        length = buffer.getUnsignedInt(at);
        at += 4;
      } else return false;
      if (length > end - at) return false;
      at += (int) length;
      return true;
    }

    boolean mayTake(int small, int large) {
      if (left == 0) return true;
      if (!has(1) || buffer.getUnsignedByte(at) != 0x40) return takes(small, large);
      left--;
      at++;
      return true;
    }

    boolean isOk() {
      return left > 0 && has(2) && next() == 0x50 && next() == 0;
    }

    boolean isAtEnd() {
      return left == 0 && at == end;
    }

    private boolean has(int bytes) {
      return end - at >= bytes;
    }

    private int next() {
      return buffer.getUnsignedByte(at++);
    }
  }
}

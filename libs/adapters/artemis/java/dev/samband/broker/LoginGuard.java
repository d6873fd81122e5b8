package dev.samband.broker;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.util.concurrent.TimeUnit;

/**
 * Lets nothing but a well-formed login through to the broker, and leaves the connection with its first frame after that. Each part
 * is handed on when it is whole: a header, a SASL frame. Everything else ends the connection, and so does the time.
 */
final class LoginGuard extends ChannelDuplexHandler {
  private static final long SASL_HEADER = 0x414d515003010000L;
  private static final long AMQP_HEADER = 0x414d515000010000L;
  private static final int HEADER_SIZE = 8;

  /** From the accepted connection to the end of the login; tokens are reviewed by the API server meanwhile. */
  private static final int SECONDS = 20;
  /** What may lie here: clients may send the next part before the answer to the last one. */
  private static final int MOST_PENDING = 16 * 1024;
  /** The first message and answers to challenges; SCRAM has one, or two with an empty last one. */
  private static final int MOST_FRAMES = 4;

  private enum Stage { HEADER, SASL, ADMITTED, REFUSED, OPENING, OVER }

  private final boolean bare;
  private Stage stage = Stage.HEADER;
  private int frames;
  private ByteBuf pending;

  LoginGuard(boolean bare) {
    this.bare = bare;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    pending = ctx.alloc().buffer(256, MOST_PENDING);
    // Without effect once the guard has left, as `end` asks for its stage.
    ctx.executor().schedule(() -> end(ctx), SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    stage = Stage.OVER;
    pending.release();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof ByteBuf)) {
      ctx.fireChannelRead(message);
      return;
    }
    ByteBuf input = (ByteBuf) message;
    try {
      if (stage == Stage.OVER) return;
      if (input.readableBytes() > pending.maxWritableBytes()) end(ctx);
      else pending.writeBytes(input);
    } finally {
      input.release();
    }
    advance(ctx);
  }

  private void advance(ChannelHandlerContext ctx) {
    while (takePart(ctx)) pending.discardReadBytes();
  }

  /** @return whether there may be more to take */
  private boolean takePart(ChannelHandlerContext ctx) {
    switch (stage) {
      case HEADER:
        if (takeHeader(ctx, SASL_HEADER)) {
          stage = Stage.SASL;
          return true;
        }
        if (bare && takeHeader(ctx, AMQP_HEADER)) return opens();
        if (!mayBecome(SASL_HEADER) && !(bare && mayBecome(AMQP_HEADER))) refuseHeader(ctx);
        return false;
      case SASL:
        // AMQP's own header, sent ahead of the answer, waits for it.
        return !mayBecome(AMQP_HEADER) && takeFrame(ctx);
      case ADMITTED:
        if (takeHeader(ctx, AMQP_HEADER)) return opens();
        if (!mayBecome(AMQP_HEADER)) end(ctx);
        return false;
      case OPENING:
        return takeOpening(ctx);
      case REFUSED:
        if (pending.isReadable()) end(ctx);
        return false;
      default:
        return false;
    }
  }

  private boolean takeHeader(ChannelHandlerContext ctx, long header) {
    if (pending.readableBytes() < HEADER_SIZE || pending.getLong(pending.readerIndex()) != header) return false;
    handOn(ctx, HEADER_SIZE);
    return true;
  }

  /** Whether all bytes that have come so far, if any, are those of this header. */
  private boolean mayBecome(long header) {
    int known = Math.min(HEADER_SIZE, pending.readableBytes());
    for (int index = 0; index < known; index++) {
      if (pending.getByte(pending.readerIndex() + index) != (byte) (header >>> (56 - 8 * index))) return false;
    }
    return stage != Stage.SASL || known > 0;
  }

  private boolean takeFrame(ChannelHandlerContext ctx) {
    if (pending.readableBytes() < SaslFrame.SIZE_BYTES) return false;
    long size = SaslFrame.sizeAt(pending, pending.readerIndex());
    if (frames == MOST_FRAMES || !SaslFrame.isSizeLegal(size)) return end(ctx);
    if (pending.readableBytes() < size) return false;
    if (!SaslFrame.isLegal(pending, pending.readerIndex(), (int) size, frames == 0)) return end(ctx);
    frames++;
    handOn(ctx, (int) size);
    return true;
  }

  private boolean opens() {
    stage = Stage.OPENING;
    return true;
  }

  /** The first frame of AMQP itself: a login alone would otherwise hold the connection for a minute. */
  private boolean takeOpening(ChannelHandlerContext ctx) {
    if (pending.readableBytes() < SaslFrame.SIZE_BYTES) return false;
    long size = SaslFrame.sizeAt(pending, pending.readerIndex());
    if (size < HEADER_SIZE || size > MOST_PENDING) return end(ctx);
    if (pending.readableBytes() < size) return false;
    handOn(ctx, (int) size);
    return leave(ctx);
  }

  private void handOn(ChannelHandlerContext ctx, int length) {
    ctx.fireChannelRead(ctx.alloc().buffer(length).writeBytes(pending, length));
  }

  private boolean leave(ChannelHandlerContext ctx) {
    if (stage == Stage.OVER) return false;
    stage = Stage.OVER;
    if (pending.isReadable()) handOn(ctx, pending.readableBytes());
    ctx.pipeline().remove(this);
    return false;
  }

  /** As the specification of AMQP wants it: the header that would have been right, then the end. */
  private void refuseHeader(ChannelHandlerContext ctx) {
    if (stage == Stage.OVER) return;
    stage = Stage.OVER;
    ctx.writeAndFlush(ctx.alloc().buffer(HEADER_SIZE).writeLong(SASL_HEADER)).addListener(ChannelFutureListener.CLOSE);
  }

  private boolean end(ChannelHandlerContext ctx) {
    if (stage == Stage.OVER) return false;
    stage = Stage.OVER;
    ctx.close();
    return false;
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    Boolean outcome = message instanceof ByteBuf ? SaslFrame.outcomeIn((ByteBuf) message) : null;
    ctx.write(message, promise);
    if (outcome == null || stage != Stage.SASL) return;
    // The broker leaves it to clients to go away after a refusal; one that stays, or says more, is ended.
    stage = outcome ? Stage.ADMITTED : Stage.REFUSED;
    // Not at once: the broker is in the middle of its answer.
    ctx.executor().execute(() -> advance(ctx));
  }
}

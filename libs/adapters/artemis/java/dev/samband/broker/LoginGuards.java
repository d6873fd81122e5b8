package dev.samband.broker;

import io.netty.bootstrap.ChannelInitializerExtension;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslHandler;

/**
 * Puts a guard into each connection that the broker accepts: behind TLS, before everything of Artemis. Netty finds this
 * class by its service file, if told to by {@code -Dio.netty.bootstrap.extensions=serviceload}.
 */
public final class LoginGuards extends ChannelInitializerExtension {
  /** Spaces that let everybody in also take connections that skip SASL. */
  private static final boolean BARE = Boolean.getBoolean("samband.guard.bare");

  @Override
  public void postInitializeServerChildChannel(Channel channel) {
    // What Artemis puts into the pipeline is not there yet; handlers are added in the order of their initializers.
    channel.pipeline().addLast(new ChannelInitializer<Channel>() {
      @Override
      protected void initChannel(Channel accepted) {
        ChannelPipeline pipeline = accepted.pipeline();
        ChannelHandlerContext tls = pipeline.context(SslHandler.class);
        if (tls == null) pipeline.addFirst(new LoginGuard(BARE));
        else pipeline.addAfter(tls.name(), null, new LoginGuard(BARE));
      }
    });
  }
}

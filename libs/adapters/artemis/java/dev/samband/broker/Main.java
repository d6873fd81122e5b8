package dev.samband.broker;

import org.apache.activemq.artemis.core.config.impl.FileConfiguration;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.spi.core.security.ActiveMQJAASSecurityManager;

/** Runs one broker from the folder that is the last argument, until it is told to stop. */
public final class Main {
  private Main() {}

  public static void main(String[] args) throws Exception {
    FileConfiguration configuration =
        org.apache.activemq.artemis.core.server.embedded.Main.loadFromXmlFile(
            new java.io.File(args[0], "etc/broker.xml"), new FileConfiguration());
    Embedded broker = new Embedded(configuration);
    broker.getActiveMQServer().registerActivationFailureListener(cause -> end());
    Runtime.getRuntime().addShutdownHook(new Thread(broker::stopQuietly, "stop"));
    broker.start();
  }

  /** Not by the thread that starts: the hook above waits for it. */
  private static void end() {
    new Thread(() -> Runtime.getRuntime().exit(1), "end").start();
  }

  private static final class Embedded extends EmbeddedActiveMQ {
    Embedded(FileConfiguration configuration) {
      activeMQServer = new TeamServer(configuration, new ActiveMQJAASSecurityManager());
    }

    void stopQuietly() {
      try {
        stop();
      } catch (Exception ignored) {
        // It has said so in its log; the process ends in any case.
      }
    }
  }
}

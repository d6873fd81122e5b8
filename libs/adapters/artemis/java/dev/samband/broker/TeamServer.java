package dev.samband.broker;

import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.filter.Filter;
import org.apache.activemq.artemis.core.paging.PagingManager;
import org.apache.activemq.artemis.core.paging.PagingStore;
import org.apache.activemq.artemis.core.paging.PagingStoreFactory;
import org.apache.activemq.artemis.core.paging.cursor.PageSubscription;
import org.apache.activemq.artemis.core.paging.impl.PagingStoreFactoryNIO;
import org.apache.activemq.artemis.core.postoffice.impl.LocalQueueBinding;
import org.apache.activemq.artemis.core.server.Queue;
import org.apache.activemq.artemis.core.server.impl.ActiveMQServerImpl;
import org.apache.activemq.artemis.core.server.impl.QueueFactoryImpl;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.protocol.amqp.exceptions.ActiveMQAMQPResourceLimitExceededException;
import org.apache.activemq.artemis.spi.core.security.ActiveMQSecurityManager;

/** Artemis with queues that lose no rejected message, addresses that refuse what they have no room for, and no more queues than fit. */
final class TeamServer extends ActiveMQServerImpl {
  private static final int MOST_QUEUES = Integer.getInteger("samband.queues", Integer.MAX_VALUE);

  TeamServer(Configuration configuration, ActiveMQSecurityManager security) {
    super(configuration, security);
  }

  /** Clients make no more durable queues than the heap has room for. What is declared was counted before. */
  @Override
  public Queue createQueue(QueueConfiguration config, boolean ignoreIfExists) throws Exception {
    boolean isClients = config.isDurable() && config.getUser() != null && !config.getUser().toString().startsWith("$");
    if (!isClients) return super.createQueue(config, ignoreIfExists);
    synchronized (getPostOffice()) {
      boolean isThere = getPostOffice().getBinding(config.getName()) != null;
      if (!isThere && durableQueues() >= MOST_QUEUES)
        throw new ActiveMQAMQPResourceLimitExceededException(
            "the broker has room for " + MOST_QUEUES + " durable queues, and there are as many");
      return super.createQueue(config, ignoreIfExists);
    }
  }

  private long durableQueues() {
    return getPostOffice()
        .getAllBindings()
        .filter(binding -> binding instanceof LocalQueueBinding local && isOfTeam(local.getQueue()))
        .count();
  }

  private static boolean isOfTeam(Queue queue) {
    return queue.isDurable() && !queue.getAddress().toString().startsWith("$samband/");
  }

  @Override
  public PagingManager createPagingManager() throws Exception {
    // Of what is made at the start this is the first thing after the queues' factory.
    replaceQueueFactory(new Queues());
    return super.createPagingManager();
  }

  @Override
  protected PagingStoreFactory getPagingStoreFactory() {
    return new PagingStoreFactoryNIO(
        getStorageManager(),
        getConfiguration().getPagingLocation(),
        getConfiguration().getPageSyncTimeout(),
        getScheduledPool(),
        pageExecutorFactory,
        getConfiguration().isJournalSyncNonTransactional(),
        getIoCriticalErrorListener(),
        getConfiguration()::isPurgePageFolders) {
      @Override
      public synchronized PagingStore newStore(SimpleString address, AddressSettings settings) {
        return new RefusingStore(
            address,
            getScheduledPool(),
            getConfiguration().getPageSyncTimeout(),
            getPagingManager(),
            getStorageManager(),
            this,
            settings,
            pageExecutorFactory.getExecutor().setFair(true),
            getConfiguration().isJournalSyncNonTransactional(),
            getConfiguration()::isPurgePageFolders);
      }
    };
  }

  private final class Queues extends QueueFactoryImpl {
    Queues() {
      super(
          TeamServer.this.getExecutorFactory(),
          getScheduledPool(),
          getAddressSettingsRepository(),
          getStorageManager(),
          TeamServer.this);
    }

    @Override
    public Queue createQueueWith(QueueConfiguration config, PagingManager paging, Filter filter) {
      if (config.isLastValue() || config.getLastValueKey() != null) return super.createQueueWith(config, paging, filter);
      PageSubscription pages = getPageSubscription(config, paging, filter);
      Queue queue =
          new TeamQueue(
              config,
              filter,
              pages == null ? null : pages.getPagingStore(),
              pages,
              scheduledExecutor,
              postOffice,
              storageManager,
              addressSettingsRepository,
              executorFactory.getExecutor(),
              server,
              this);
      server.getCriticalAnalyzer().add(queue);
      return queue;
    }
  }
}

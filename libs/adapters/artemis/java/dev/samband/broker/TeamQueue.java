package dev.samband.broker;

import java.util.concurrent.ScheduledExecutorService;
import org.apache.activemq.artemis.api.core.Pair;
import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.filter.Filter;
import org.apache.activemq.artemis.core.paging.PagingStore;
import org.apache.activemq.artemis.core.paging.cursor.PageSubscription;
import org.apache.activemq.artemis.core.persistence.StorageManager;
import org.apache.activemq.artemis.core.postoffice.Bindings;
import org.apache.activemq.artemis.core.postoffice.PostOffice;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.MessageReference;
import org.apache.activemq.artemis.core.server.QueueFactory;
import org.apache.activemq.artemis.core.server.impl.QueueImpl;
import org.apache.activemq.artemis.core.settings.HierarchicalRepository;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.core.transaction.Transaction;
import org.apache.activemq.artemis.utils.actors.ArtemisExecutor;

/**
 * A queue whose undeliverable messages stay in it, where its team has not said where else it wants them or nothing is there
 * to take them. Artemis would drop them, or put them where nobody may read.
 */
final class TeamQueue extends QueueImpl {
  /** Stands for "none": without a name for it each queue would be a line in the log. */
  private static final SimpleString NONE = SimpleString.of("$samband/dead-letters");

  private final PostOffice postOffice;
  private final HierarchicalRepository<AddressSettings> settings;

  TeamQueue(
      QueueConfiguration config,
      Filter filter,
      PagingStore store,
      PageSubscription pages,
      ScheduledExecutorService scheduled,
      PostOffice postOffice,
      StorageManager storage,
      HierarchicalRepository<AddressSettings> settings,
      ArtemisExecutor executor,
      ActiveMQServer server,
      QueueFactory factory) {
    super(config, filter, store, pages, scheduled, postOffice, storage, settings, executor, server, factory);
    this.postOffice = postOffice;
    this.settings = settings;
  }

  /** What a consumer has rejected. It counts as a failed delivery, and waits like one. */
  @Override
  public boolean sendToDeadLetterAddress(Transaction tx, MessageReference ref) throws Exception {
    if (tx != null || hasDeadLetters()) return super.sendToDeadLetterAddress(tx, ref);
    cancel(ref, System.currentTimeMillis());
    return true;
  }

  /** What was delivered in vain; at the limit of attempts Artemis would take it away. */
  @Override
  public Pair<Boolean, Boolean> checkRedelivery(MessageReference ref, long timeBase, boolean ignoreDelay)
      throws Exception {
    int most = own().getMaxDeliveryAttempts();
    if (most > 0 && ref.getDeliveryCount() >= most && !hasDeadLetters()) ref.setDeliveryCount(most - 1);
    return super.checkRedelivery(ref, timeBase, ignoreDelay);
  }

  private boolean hasDeadLetters() throws Exception {
    SimpleString address = own().getDeadLetterAddress();
    if (address == null || address.equals(NONE)) return false;
    Bindings bindings = postOffice.lookupBindingsForAddress(address);
    return bindings != null && !bindings.getBindings().isEmpty();
  }

  private AddressSettings own() {
    return settings.getMatch(getAddress().toString());
  }
}

package dev.samband.broker;

import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.activemq.artemis.api.core.ActiveMQAddressFullException;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.paging.PagingManager;
import org.apache.activemq.artemis.core.paging.PagingStoreFactory;
import org.apache.activemq.artemis.core.paging.impl.PagingStoreImpl;
import org.apache.activemq.artemis.core.persistence.StorageManager;
import org.apache.activemq.artemis.core.settings.impl.AddressFullMessagePolicy;
import org.apache.activemq.artemis.core.server.RouteContextList;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.core.transaction.Transaction;
import org.apache.activemq.artemis.utils.actors.ArtemisExecutor;
import org.apache.activemq.artemis.utils.runnables.AtomicRunnable;

/**
 * Lets senders send where messages will be refused: Artemis gives them no credit then, so that they wait for ever and
 * never learn why. Each message is answered {@code rejected}, with the reason, instead.
 */
final class RefusingStore extends PagingStoreImpl {
  private final PagingManager manager;

  RefusingStore(
      SimpleString address,
      ScheduledExecutorService scheduledExecutor,
      long syncTimeout,
      PagingManager manager,
      StorageManager storage,
      PagingStoreFactory factory,
      AddressSettings settings,
      ArtemisExecutor executor,
      boolean syncNonTransactional,
      Supplier<Boolean> purgePageFolder) {
    super(address, scheduledExecutor, syncTimeout, manager, storage, null, factory, address, settings, executor,
        syncNonTransactional, purgePageFolder);
    this.manager = manager;
  }

  @Override
  public int page(
      Message message,
      Transaction tx,
      RouteContextList lists,
      Function<Message, Message> decorator,
      boolean useFlowControl)
      throws Exception {
    try {
      return super.page(message, tx, lists, decorator, useFlowControl);
    } catch (ActiveMQAddressFullException full) {
      Refusals.note();
      throw full;
    }
  }

  @Override
  public boolean checkMemory(
      boolean runOnFailure, Runnable whenAvailable, Runnable whenBlocking, Consumer<AtomicRunnable> blocked) {
    boolean refuses = getAddressFullMessagePolicy() == AddressFullMessagePolicy.FAIL || manager.isDiskFull();
    if (!refuses) return super.checkMemory(runOnFailure, whenAvailable, whenBlocking, blocked);
    if (whenAvailable != null) whenAvailable.run();
    return true;
  }
}

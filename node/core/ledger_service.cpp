#include "node/core/ledger_service.hpp"

#include "ledger/codec/binary.hpp"
#include "node/core/checkpoint_check.hpp"

#include <atomic>

namespace node {

using namespace ledger;

namespace {

constexpr const char* overloaded = "the node is stopping or overloaded";

/// For a node that talks to nobody.
class NoPeers final : public PeerPort {
public:
    void send(std::span<const PublicKey>, MessageKind, ByteView) override {}
    void record(const PublicKey&, Deed) override {}
    void misbehaved(const PublicKey&, const std::string&) override {}
} no_peers;

}  // namespace

LedgerService::LedgerService(Parts parts, LedgerServiceLimits limits)
    : parts_{std::move(parts)},
      limits_{limits},
      workers_{limits.work_threads},
      mempool_{parts_.network, limits.replica.mempool},
      application_{parts_.network, parts_.chain, mempool_, &workers_}
{
    if (parts_.consensus_key)
        signer_ = std::make_unique<consensus::SchnorrSigner>(std::move(*parts_.consensus_key));
    parts_.consensus_key.reset();
    parts_.chain.run_with([this](WorkPool::Tasks tasks) { workers_.run_first(std::move(tasks)); });
}

Result<std::unique_ptr<LedgerService>> LedgerService::open(Parts parts, LedgerServiceLimits limits)
{
    std::unique_ptr<LedgerService> service{new LedgerService{std::move(parts), limits}};
    if (const auto done = service->recover(); !done) return done.error();
    return service;
}

Result<void> LedgerService::recover()
{
    std::optional<ConsensusKey> key;
    if (signer_) key = signer_->key();
    auto recovered = open_consensus_log({parts_.disk, parts_.log_folder, parts_.store, parts_.chain,
                                         application_, parts_.random, key, limits_.log});
    if (!recovered) return recovered.error();
    auto& durable = recovered->durable;
    const auto& set = durable.base.set;
    if (set.size() == 1 && key == set[0].consensus_key && !durable.silenced.empty())
        return Error{ErrorKind::denied, "the only validator must not vote: " + recovered->trouble +
                                            " (see millraced recover --help)"};
    trouble_ = recovered->trouble;
    log_ = std::move(recovered->log);
    const auto times = parts_.times.value_or(
        core_times(parts_.network.params(), set.size(), 1'000, 60'000, 10'000));
    replica_ = std::make_unique<Replica>(
        Replica::Parts{parts_.network, parts_.store, parts_.chain, *log_, parts_.random,
                       signer_.get(), verifier_, parts_.peers ? *parts_.peers : no_peers,
                       parts_.trusted},
        mempool_, application_, times, std::move(durable), limits_.replica, now());
    head_ = std::make_shared<const Head>(parts_.chain.head());
    if (parts_.trusted)
        if (const auto good = check_leads_through(parts_.chain, *parts_.trusted); !good)
            halt(good.error());
    return {};
}

consensus::Now LedgerService::now() const
{
    return {parts_.clock.steady_ms(), parts_.clock.wall()};
}

LedgerService::~LedgerService()
{
    stop();
    parts_.chain.run_with({});
}

void LedgerService::start()
{
    checkpointed_ = parts_.clock.now();
    thread_ = std::thread{[this] { run(); }};
}

void LedgerService::stop()
{
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
    workers_.stop();
    // What was synced is marked as all there was; a log that broke before has said so.
    if (log_ && halted().empty()) static_cast<void>(log_->close());
    log_.reset();
}

bool LedgerService::post(Task task, bool is_urgent)
{
    {
        const std::lock_guard lock{mutex_};
        if (stopping_ || (!is_urgent && tasks_.size() >= limits_.queued_tasks)) return false;
        tasks_.push_back(std::move(task));
    }
    wake_.notify_one();
    return true;
}

void LedgerService::submit(Bytes encoded, std::function<void(Submitted)> answer)
{
    auto checked = market::check_transaction(parts_.network, encoded);
    if (!checked) {
        answer(SubmitError{SubmitError::Kind::malformed, {}, checked.error().detail});
        return;
    }
    submit_checked(std::move(*checked), std::move(answer));
}

void LedgerService::submit_checked(market::CheckedTransaction transaction,
                                   std::function<void(Submitted)> answer)
{
    auto shared = std::make_shared<market::CheckedTransaction>(std::move(transaction));
    if (!post([this, shared, answer] { add(std::move(*shared), answer); }))
        answer(SubmitError{SubmitError::Kind::busy, {}, "too much waits; try again"});
}

void LedgerService::add(market::CheckedTransaction transaction,
                        const std::function<void(Submitted)>& answer)
{
    if (const auto why = halted(); !why.empty()) {
        answer(SubmitError{SubmitError::Kind::halted, {}, why});
        return;
    }
    const auto id = transaction.id;
    try {
        // A retry of what is already final or waiting is answered as accepted, whatever it asked.
        if (mempool_.find(id) || parts_.store.find_tx(id)) {
            answer(id);
            return;
        }
        const auto added = replica_->add(std::move(transaction), nullptr, now());
        mempool_size_ = mempool_.size();
        if (added)
            answer(id);
        else
            answer(SubmitError{SubmitError::Kind::refused, added.error(),
                               std::string{codec::enum_name(added.error())}});
    } catch (const StateFault& fault) {
        halt({ErrorKind::corrupt, fault.what()});
        answer(SubmitError{SubmitError::Kind::halted, {}, fault.what()});
    }
}

std::uint64_t LedgerService::wait_final(const TxId& id, std::function<void(Waited)> answer)
{
    const auto wait = next_wait_++;
    const bool posted = post([this, wait, id, answer] {
        if (auto found = find_final(id)) {
            answer(std::move(*found));
        } else if (found.error().kind != ErrorKind::not_found) {
            answer(WaitError{found.error()});
        } else if (waiters_.size() >= limits_.waiting) {
            answer(WaitError{{ErrorKind::full, "too many wait for transactions"}});
        } else {
            waiters_.emplace(wait, Waiter{id, answer});
            waiting_for_.emplace(id, wait);
        }
    });
    if (!posted) answer(WaitError{{ErrorKind::unavailable, overloaded}});
    return wait;
}

void LedgerService::cancel(std::uint64_t wait)
{
    post([this, wait] {
        const auto found = waiters_.find(wait);
        if (found == waiters_.end()) return;
        const auto [first, last] = waiting_for_.equal_range(found->second.id);
        for (auto at = first; at != last; ++at) {
            if (at->second != wait) continue;
            waiting_for_.erase(at);
            break;
        }
        waiters_.erase(found);
    });
}

void LedgerService::peer_connected(const PublicKey& key, bool we_dialled)
{
    post([this, key, we_dialled] { replica_->connected(key, we_dialled, now()); }, true);
}

void LedgerService::peer_gone(const PublicKey& key)
{
    post([this, key] { replica_->disconnected(key, now()); }, true);
}

void LedgerService::peer_frame(const PublicKey& key, MessageKind kind, Bytes payload,
                               std::shared_ptr<void> lease)
{
    // Bounded by the memory that frames may hold, not by their number.
    post(
        [this, key, kind, payload = std::move(payload), lease = std::move(lease)] {
            if (!halted().empty()) return;
            if (auto unchecked = replica_->received(key, kind, payload, now()))
                check(std::move(*unchecked));
        },
        true);
}

void LedgerService::check(Replica::Unchecked unchecked)
{
    auto task = [this, from = unchecked.from, encoded = std::move(unchecked.encoded)] {
        auto result = std::make_shared<Result<market::CheckedTransaction>>(
            market::check_transaction(parts_.network, encoded));
        const auto id = wire_id(encoded);
        post([this, from, id, result] {
            if (!halted().empty()) return;
            try {
                replica_->checked(from, id, std::move(*result), now());
                mempool_size_ = mempool_.size();
            } catch (const StateFault& fault) {
                halt({ErrorKind::corrupt, fault.what()});
            }
        });
    };
    // What is not taken is asked for again when somebody announces it.
    static_cast<void>(workers_.post(unchecked.from, std::move(task)));
}

void LedgerService::consensus(std::function<void(Result<ConsensusStatus>)> answer)
{
    if (!post([this, answer] { answer(replica_->status()); }))
        answer(Error{ErrorKind::unavailable, overloaded});
}

void LedgerService::prove(Bytes state_key, std::function<void(Result<Proved>)> answer)
{
    const bool posted = post([this, state_key = std::move(state_key), answer] {
        auto proof = parts_.chain.prove(state_key);
        if (proof)
            answer(Proved{parts_.chain.head(), std::move(*proof)});
        else
            answer(proof.error());
    });
    if (!posted) answer(Error{ErrorKind::unavailable, overloaded});
}

void LedgerService::next_nonce(const Address& account, Lane lane,
                               std::function<void(Result<Nonce>)> answer)
{
    const bool posted = post([this, account, lane, answer] {
        try {
            answer(mempool_.next_nonce(market::View{parts_.chain.state()}, account, lane));
        } catch (const StateFault& fault) {
            answer(Error{ErrorKind::corrupt, fault.what()});
        }
    });
    if (!posted) answer(Error{ErrorKind::unavailable, overloaded});
}

void LedgerService::find_waiting(const TxId& id,
                                 std::function<void(Result<market::CheckedTransaction>)> answer)
{
    const bool posted = post([this, id, answer] {
        if (const auto* found = mempool_.find(id))
            answer(*found);
        else
            answer(Error{ErrorKind::not_found, {}});
    });
    if (!posted) answer(Error{ErrorKind::unavailable, overloaded});
}

std::shared_ptr<const Head> LedgerService::head() const
{
    const std::lock_guard lock{mutex_};
    return head_;
}

LedgerService::Progress LedgerService::progress() const
{
    const std::lock_guard lock{mutex_};
    return progress_;
}

std::string LedgerService::halted() const
{
    const std::lock_guard lock{mutex_};
    return halted_;
}

Result<FinalTransaction> LedgerService::find_final(const TxId& id) const
{
    const auto at = parts_.store.find_tx(id);
    if (!at) return at.error();
    const auto block = parts_.store.block(at->height);
    if (!block) return block.error();
    auto receipts = codec::decode<std::vector<market::Receipt>>(block->receipts);
    if (!receipts || at->index >= receipts->size() || (*receipts)[at->index].tx_id != id)
        return Error{ErrorKind::corrupt, "receipts of block " + std::to_string(at->height.value)};
    return FinalTransaction{at->height, at->index, std::move((*receipts)[at->index])};
}

void LedgerService::run()
{
    tell_epoch();
    std::unique_lock lock{mutex_};
    while (true) {
        const auto work = [this] { return stopping_ || !tasks_.empty(); };
        const bool well = halted_.empty();
        std::optional<std::chrono::milliseconds> rest;
        if (well && step_at_) {
            const auto at = now().steady_ms;
            rest = std::chrono::milliseconds{*step_at_ > at ? *step_at_ - at : 0};
        }
        if (well && uncheckpointed_ && (!rest || *rest > limits_.checkpoint_every))
            rest = limits_.checkpoint_every;
        if (rest)
            wake_.wait_for(lock, *rest, work);
        else
            wake_.wait(lock, work);
        std::deque<Task> tasks;
        tasks.swap(tasks_);
        const bool stopping = stopping_;
        lock.unlock();

        for (auto& task : tasks) task();
        const bool due = step_at_ && *step_at_ <= now().steady_ms;
        if ((due || !tasks.empty()) && halted().empty()) step();
        if (uncheckpointed_ && (checkpoint_due() || stopping) && halted().empty())
            write_checkpoint();
        // Nothing more becomes final here: whoever waits is told.
        if (const auto why = halted(); !why.empty()) dismiss({ErrorKind::unavailable, why});
        tasks.clear();
        lock.lock();
        if (stopping && tasks_.empty()) break;
    }
    lock.unlock();
    dismiss({ErrorKind::unavailable, "the node is stopping"});
}

void LedgerService::step()
{
    auto done = replica_->step(now());
    if (!done) return halt(done.error());
    if (!done->blocks.empty()) uncheckpointed_ = true;
    if (const auto at = parts_.clock.now(); done->has_new_epoch ||
                                            at - progress_at_ >= std::chrono::seconds{1} ||
                                            replica_->core().refused() != progress_.refused) {
        progress_at_ = at;
        const auto& core = replica_->core();
        const std::lock_guard lock{mutex_};
        progress_ = {core.epoch().number(), core.current(), core.floor(), core.events(),
                     core.refused()};
    }
    step_at_ = done->again ? std::optional{now().steady_ms} : done->wake_at;
    mempool_size_ = mempool_.size();
    for (const auto& block : done->blocks) announce(block);
    for (const auto& [id, wire_id, why] : done->departures)
        tell(id, WaitError{{ErrorKind::not_found, "the transaction has left the pool"}, why});
    if (evidence_listener_)
        for (const auto& evidence : done->evidence) evidence_listener_(evidence);
    if (done->has_new_epoch) tell_epoch();
    if (auto frozen = parts_.chain.take_frozen(); frozen && frozen_listener_)
        frozen_listener_(std::move(*frozen));
    if (damage_listener_)
        if (const auto damage = replica_->take_damage()) damage_listener_(*damage);
}

void LedgerService::tell_epoch()
{
    if (epoch_listener_)
        epoch_listener_(replica_->core().epoch().number(), replica_->validator_keys());
}

/// Ends the waits for a transaction.
void LedgerService::tell(const TxId& id, const Waited& what)
{
    const auto [first, last] = waiting_for_.equal_range(id);
    for (auto at = first; at != last; ++at) {
        const auto waiter = waiters_.find(at->second);
        waiter->second.answer(what);
        waiters_.erase(waiter);
    }
    waiting_for_.erase(first, last);
}

void LedgerService::dismiss(const Error& why)
{
    for (auto& [wait, waiter] : waiters_) waiter.answer(WaitError{why});
    waiters_.clear();
    waiting_for_.clear();
}

bool LedgerService::checkpoint_due() const
{
    const Clock::Steady::duration every = limits_.checkpoint_every;
    const Clock::Steady::duration latest = limits_.checkpoint_latest;
    const auto rested = checkpoint_took_ * limits_.checkpoint_rest;
    const bool idle = !mempool_.has_pending();
    const auto wait = idle ? every : std::max(every, std::min(latest, rested));
    return parts_.clock.now() - checkpointed_ >= wait;
}

void LedgerService::write_checkpoint()
{
    uncheckpointed_ = false;
    const auto began = parts_.clock.now();
    if (const auto done = replica_->checkpoint(); !done) halt(done.error());
    checkpointed_ = parts_.clock.now();
    checkpoint_took_ = checkpointed_ - began;
}

void LedgerService::announce(const FinalBlock& block)
{
    {
        const std::lock_guard lock{mutex_};
        head_ = std::make_shared<const Head>(block.head);
    }
    for (std::uint32_t i = 0; i < block.tx_ids.size(); ++i)
        tell(block.tx_ids[i], FinalTransaction{block.head.header.height, i, block.receipts[i]});
    for (const auto& listener : listeners_) listener(block);
}

void LedgerService::halt(const Error& error)
{
    {
        const std::lock_guard lock{mutex_};
        if (halted_.empty()) halted_ = error.detail.empty() ? "the disk failed" : error.detail;
    }
    post([] {});  // wakes the thread, which tells who waits
}

}  // namespace node

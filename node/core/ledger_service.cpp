#include "node/core/ledger_service.hpp"

#include "ledger/codec/binary.hpp"

#include <atomic>

namespace node {

using namespace ledger;

namespace {

constexpr const char* overloaded = "the node is stopping or overloaded";

/// Makes a seal, behind which this service, which knows one epoch and its own vote, cannot go on.
bool changes_validators(const market::Message& message)
{
    using namespace market;
    return std::holds_alternative<ValidatorJoin>(message) ||
           std::holds_alternative<ValidatorPower>(message) ||
           std::holds_alternative<ValidatorLeave>(message) ||
           std::holds_alternative<market::ValidatorSet>(message) ||
           std::holds_alternative<ValidatorEvidence>(message);
}

}  // namespace

Result<std::unique_ptr<Log>> open_log(Disk& disk, const std::string& folder, Chain& chain,
                                      const BlockStore& store, Random& random,
                                      const LogLimits& limits)
{
    const auto applied = store.applied_seq();
    const auto replay = [&](const LogRecord& record) -> Result<void> {
        if (record.seq <= applied) return {};
        if (record.type != BlockRecord::log_type)
            return Error{ErrorKind::corrupt,
                         "log record " + std::to_string(record.seq) + " is of an unknown type"};
        const auto block = codec::decode<BlockRecord>(record.payload);
        if (!block) return Error{ErrorKind::corrupt, "log: " + block.error().detail};
        auto candidate = chain.execute(*block);
        if (!candidate) return candidate.error();
        return chain.commit(std::move(*candidate), record.seq);
    };
    return Log::open(disk, folder, limits, {applied, random.next_u64()}, replay);
}

LedgerService::LedgerService(Parts parts, LedgerServiceLimits limits)
    : parts_{std::move(parts)},
      limits_{limits},
      mempool_{parts_.network, limits.mempool},
      head_{std::make_shared<const Head>(parts_.chain.head())}
{
}

LedgerService::~LedgerService()
{
    stop();
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
}

bool LedgerService::post(Task task)
{
    {
        const std::lock_guard lock{mutex_};
        if (stopping_ || tasks_.size() >= limits_.queued_tasks) return false;
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
    if (changes_validators(transaction.message)) {
        answer(SubmitError{SubmitError::Kind::malformed,
                           {},
                           "this version runs networks of one validator, which does not change"});
        return;
    }
    const auto id = transaction.id;
    try {
        // A retry of what is already final or waiting is answered as accepted, whatever it asked.
        if (mempool_.find(id) || parts_.store.find_tx(id)) {
            answer(id);
            return;
        }
        const auto now = TimeMs{
            std::max(parts_.clock.wall().value, parts_.chain.head().header.time_ms.value + 1)};
        const auto added =
            mempool_.add(std::move(transaction), market::View{parts_.chain.state()}, now);
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

std::uint64_t LedgerService::wait_final(const TxId& id,
                                        std::function<void(Result<FinalTransaction>)> answer)
{
    const auto wait = next_wait_++;
    const bool posted = post([this, wait, id, answer] {
        if (auto found = find_final(id); found || found.error().kind != ErrorKind::not_found) {
            answer(std::move(found));
        } else if (waiters_.size() >= limits_.waiting) {
            answer(Error{ErrorKind::full, "too many wait for transactions"});
        } else {
            waiters_.emplace(wait, Waiter{id, answer});
            waiting_for_.emplace(id, wait);
        }
    });
    if (!posted) answer(Error{ErrorKind::unavailable, overloaded});
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

void LedgerService::on_block(std::function<void(const FinalBlock&)> listener)
{
    listeners_.push_back(std::move(listener));
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
    std::unique_lock lock{mutex_};
    while (true) {
        const auto work = [this] { return stopping_ || !tasks_.empty(); };
        const bool pending = mempool_.has_pending() && halted_.empty();
        if (!pending && !work()) {
            if (uncheckpointed_)
                wake_.wait_for(lock, limits_.checkpoint_every, work);
            else
                wake_.wait(lock, work);
        }
        if (pending && limits_.batch.count() > 0) wake_.wait_for(lock, limits_.batch);
        std::deque<Task> tasks;
        tasks.swap(tasks_);
        const bool stopping = stopping_;
        lock.unlock();

        for (auto& task : tasks) task();
        if (mempool_.has_pending() && halted().empty()) make_block();
        if (uncheckpointed_ && (checkpoint_due() || stopping) && halted().empty())
            write_checkpoint();
        // Nothing more becomes final here: whoever waits is told.
        if (const auto why = halted(); !why.empty()) dismiss({ErrorKind::unavailable, why});
        lock.lock();
        if (stopping && tasks_.empty()) break;
    }
    lock.unlock();
    dismiss({ErrorKind::unavailable, "the node is stopping"});
}

void LedgerService::dismiss(const Error& why)
{
    for (auto& [wait, waiter] : waiters_) waiter.answer(why);
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
    auto done = parts_.chain.checkpoint();
    if (done) done = parts_.log.free_through(parts_.store.applied_seq());
    if (!done) halt(done.error());
    checkpointed_ = parts_.clock.now();
    checkpoint_took_ = checkpointed_ - began;
}

/// With one validator its own vote is the quorum (consensus.md 6, n = 1).
void LedgerService::sign(Candidate& candidate)
{
    const auto size = parts_.network.genesis.validators.set.size();
    Certificate certificate{VoteKind::finalize, candidate.header.epoch, candidate.header.view,
                            candidate.id,       Bytes((size + 7) / 8),  {}};
    certificate.bitmap[parts_.validator_index / 8] |=
        static_cast<std::uint8_t>(0x80 >> parts_.validator_index % 8);
    const auto digest =
        vote_digest({candidate.header.chain_id, candidate.header.epoch, parts_.chain.anchor(),
                     VoteKind::finalize, candidate.header.view, candidate.id});
    certificate.signatures = {
        schnorr_sign(parts_.consensus_key, digest, parts_.random.next<Hash>())};
    candidate.certificate = std::move(certificate);
}

void LedgerService::make_block()
{
    const auto chosen = mempool_.select(BlockLimits::body_bytes, BlockLimits::transactions);
    std::vector<Chain::Omitted> omitted;
    auto candidate = parts_.chain.build(chosen, parts_.clock.wall(), omitted);
    if (!candidate) return halt(candidate.error());
    for (const auto& left_out : omitted) mempool_.drop(left_out.id);
    mempool_size_ = mempool_.size();
    if (candidate->body.empty()) return;
    sign(*candidate);

    // Nothing is answered before the sync; the sync makes it happen.
    const auto seq = parts_.log.append(BlockRecord::log_type, codec::encode(candidate->record()));
    if (!seq) return halt(seq.error());
    if (const auto done = parts_.log.sync(); !done) return halt(done.error());

    FinalBlock block{{candidate->header, candidate->id}, candidate->tx_ids, candidate->receipts};
    if (const auto done = parts_.chain.commit(std::move(*candidate), *seq); !done)
        return halt(done.error());
    uncheckpointed_ = true;
    std::set<Address> senders;  // also of what was left out: another look changes nothing
    for (const auto& transaction : chosen) senders.insert(transaction.envelope.sender);
    try {
        mempool_.on_block(senders, market::View{parts_.chain.state()},
                          parts_.chain.head().header.time_ms);
    } catch (const StateFault& fault) {
        halt({ErrorKind::corrupt, fault.what()});
    }
    mempool_size_ = mempool_.size();
    announce(std::move(block));
}

void LedgerService::announce(FinalBlock block)
{
    {
        const std::lock_guard lock{mutex_};
        head_ = std::make_shared<const Head>(block.head);
    }
    for (std::uint32_t i = 0; i < block.tx_ids.size(); ++i) {
        const auto [first, last] = waiting_for_.equal_range(block.tx_ids[i]);
        for (auto at = first; at != last; ++at) {
            const auto waiter = waiters_.find(at->second);
            waiter->second.answer(FinalTransaction{block.head.header.height, i, block.receipts[i]});
            waiters_.erase(waiter);
        }
        waiting_for_.erase(first, last);
    }
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

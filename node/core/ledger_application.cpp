#include "node/core/ledger_application.hpp"

#include "market/validators.hpp"

#include <algorithm>

namespace node {

using namespace ledger;
using consensus::Commit;
using consensus::EpochProof;
using market::CheckedTransaction;

namespace {

/// Signatures checked by one task: enough to be worth handing over.
constexpr std::size_t checks_per_task = 64;
/// Of blocks that may never become final; the pool takes them when it can.
constexpr std::size_t most_seen = 20'000;
/// Of bodies whose signatures are checked before it is their turn.
constexpr std::size_t most_expected_bytes = std::size_t{32} << 20;

Result<Commit> read_final(const BlockStore& store, Height height)
{
    const auto stored = store.block(height);
    if (!stored) return stored.error();
    if (!has_body(*stored)) return Error{ErrorKind::not_found, "the store begins here"};
    auto header = decode_header(stored->header);
    if (!header) return header.error();
    auto body = decode_body(stored->body);
    if (!body) return body.error();
    Commit commit{stored->id, {std::move(*header), {}, std::move(*body)}, {}};
    if (stored->certificate.empty()) return commit;
    auto certificate = decode_certificate(stored->certificate);
    if (!certificate) return certificate.error();
    commit.certificate = std::move(*certificate);
    return commit;
}

}  // namespace

/// The checks of a body's transactions, begun before they are needed. Those that the mempool had
/// then are left out.
struct LedgerApplication::Expected {
    BlockBody body;
    std::size_t bytes = 0;
    std::vector<std::optional<CheckedTransaction>> checked;  ///< empty: left out, or bad
    std::vector<std::size_t> wanted;                         ///< which ones are checked
    WorkPool::Begun begun;
};

LedgerApplication::LedgerApplication(const market::Network& network, Chain& chain, Mempool& mempool,
                                     WorkPool* workers)
    : network_{network},
      chain_{chain},
      mempool_{mempool},
      workers_{workers != nullptr ? *workers : nobody_}
{
}

LedgerApplication::~LedgerApplication()
{
    for (const auto& [root, expected] : expected_) workers_.finish(expected->begun);
}

void LedgerApplication::failed(const Error& error)
{
    if (!fault_) fault_ = error;
}

Mempool::IsUsed LedgerApplication::used_above_head(const std::vector<ExecutedBlock*>& path) const
{
    if (path.empty()) return {};
    return [path](const ReplayKey& key) {
        return std::any_of(path.begin(), path.end(),
                           [&](ExecutedBlock* block) { return block->uses(key); });
    };
}

Result<consensus::Application::Built> LedgerApplication::build(const Header& start)
{
    const auto path = chain_.above_head(start.parent_id);
    if (!path) return Error{ErrorKind::not_found, "the parent has not been executed"};
    const auto chosen =
        mempool_.select(BlockLimits::body_bytes, BlockLimits::transactions, used_above_head(*path));
    auto built = chain_.build(start, chosen);
    if (!built) {
        failed(built.error());
        return built.error();
    }
    // What cannot follow a final block will not become better; above it other blocks may come.
    if (path->empty())
        for (const auto& omitted : built->omitted)
            mempool_.drop(omitted.id, mempool_fault(omitted.fault));
    return Built{built->block->header, std::move(built->body), std::move(built->wire_ids)};
}

std::shared_ptr<LedgerApplication::Expected> LedgerApplication::begin_checks(const BlockBody& body)
{
    auto expected = std::make_shared<Expected>();
    expected->body = body;
    expected->checked.resize(body.size());
    for (std::size_t i = 0; i < body.size(); ++i) {
        expected->bytes += body[i].size();
        if (mempool_.find(wire_id(body[i])) == nullptr) expected->wanted.push_back(i);
    }
    WorkPool::Tasks tasks;
    for (std::size_t from = 0; from < expected->wanted.size(); from += checks_per_task)
        tasks.emplace_back([&network = network_, expected, from] {
            const auto to = std::min(from + checks_per_task, expected->wanted.size());
            for (auto at = from; at < to; ++at) {
                const auto i = expected->wanted[at];
                auto checked = market::check_transaction(network, expected->body[i]);
                if (checked) expected->checked[i] = std::move(*checked);
            }
        });
    expected->begun = workers_.begin(std::move(tasks));
    return expected;
}

void LedgerApplication::expect(const Header& header, const BlockBody& body)
{
    // Of blocks whose turn never came.
    if (expected_bytes_ > most_expected_bytes) {
        std::erase_if(expected_, [](const auto& item) { return item.second->begun->try_wait(); });
        expected_bytes_ = 0;
        for (const auto& [root, expected] : expected_) expected_bytes_ += expected->bytes;
    }
    if (expected_bytes_ > most_expected_bytes || expected_.contains(header.tx_root)) return;
    const auto expected = begin_checks(body);
    expected_bytes_ += expected->bytes;
    expected_.emplace(header.tx_root, expected);
}

bool LedgerApplication::execute(const Header& header, const BlockBody& body)
{
    std::shared_ptr<Expected> expected;
    auto known = expected_.extract(header.tx_root);
    const bool is_proven = !known.empty();
    if (is_proven) {
        expected = std::move(known.mapped());
        expected_bytes_ -= expected->bytes;
    } else {
        expected = begin_checks(body);
    }
    workers_.finish(expected->begun);

    std::vector<const CheckedTransaction*> transactions;
    transactions.reserve(body.size());
    for (std::size_t i = 0; i < body.size(); ++i) {
        if (auto& checked = expected->checked[i]) {
            transactions.push_back(&*checked);
        } else if (const auto* pooled = mempool_.find(wire_id(body[i]))) {
            transactions.push_back(pooled);
        } else {
            // It is bad, or has left the pool since.
            auto again = market::check_transaction(network_, body[i]);
            if (!again) return false;
            transactions.push_back(&checked.emplace(std::move(*again)));
        }
    }
    const auto executed = chain_.execute(header, transactions);
    if (!executed) {
        if (executed.error().kind != ErrorKind::invalid) failed(executed.error());
        return false;
    }
    // What is final needs to be kept for nobody.
    if (is_proven) return true;
    for (auto& checked : expected->checked)
        if (checked && seen_.size() < most_seen) seen_.push_back(std::move(*checked));
    return true;
}

Result<void> LedgerApplication::execute_again(const Header& header, const BlockBody& body)
{
    return execute_all(header, body, [](const market::Network& network, const Bytes& encoded) {
        return market::decode_checked(network, encoded);
    });
}

Result<void> LedgerApplication::execute_checked(const Header& header, const BlockBody& body)
{
    return execute_all(header, body, [](const market::Network& network, const Bytes& encoded) {
        return market::check_transaction(network, encoded);
    });
}

Result<void> LedgerApplication::execute_all(const Header& header, const BlockBody& body,
                                            Check check)
{
    std::vector<CheckedTransaction> all;
    std::vector<const CheckedTransaction*> transactions;
    all.reserve(body.size());
    for (const auto& encoded : body) {
        auto checked = check(network_, encoded);
        if (!checked) return checked.error();
        all.push_back(std::move(*checked));
        transactions.push_back(&all.back());
    }
    const auto executed = chain_.execute(header, transactions);
    if (!executed) return executed.error();
    return {};
}

std::optional<Bytes> LedgerApplication::transaction(const WireId& id)
{
    if (const auto* pooled = mempool_.find(id)) return pooled->encoded;
    return {};
}

bool LedgerApplication::has_work(const BlockId& parent)
{
    const auto path = chain_.above_head(parent);
    if (!path) return false;
    try {
        if (path->empty()) {
            witness_.clear();
            return mempool_.has_pending() ||
                   market::change_due(market::View{chain_.state()}, network_, now_);
        }
        const auto is_used = used_above_head(*path);
        const auto known = witness_.find(parent);
        if (known != witness_.end())
            if (const auto* still = mempool_.find(known->second);
                still != nullptr && mempool_.is_pending(replay_key(*still)))
                return true;
        if (const auto* work = mempool_.any_unused(is_used)) {
            witness_[parent] = work->id;
            return true;
        }
        StateAfter state{chain_.state()};
        for (const auto* block : *path) state.add(block->diff);
        return market::change_due(market::View{state}, network_, now_);
    } catch (const StateFault& fault) {
        failed({ErrorKind::corrupt, fault.what()});
        return false;
    }
}

ValidatorSet LedgerApplication::validators_after(const BlockId& seal)
{
    const auto path = chain_.above_head(seal);
    if (path && !path->empty() && path->back()->next_set) return *path->back()->next_set;
    return {};
}

std::optional<Commit> LedgerApplication::final_block(Height height)
{
    auto read = read_final(chain_.store(), height);
    if (read) return std::move(*read);
    // What is not there or pruned is no damage; what is damaged is not served.
    if (read.error().kind != ErrorKind::not_found) damage_ = read.error();
    return {};
}

std::optional<Commit> LedgerApplication::final_block(const BlockId& id)
{
    const auto height = chain_.store().height_of(id);
    if (!height) return {};
    return final_block(*height);
}

std::optional<EpochProof> LedgerApplication::epoch_proof(std::uint64_t epoch)
{
    auto proof = chain_.epoch_proof(epoch);
    if (proof) return std::move(*proof);
    damage_ = proof.error();
    return {};
}

}  // namespace node

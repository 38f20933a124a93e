// Random use of a small mempool, beside a model that keeps a list and looks through all of it.
#include "node/mempool/mempool.hpp"

#include "tests/support/mempool_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

namespace node {
namespace {

using namespace ledger;
using market::CheckedTransaction;

constexpr MempoolLimits limits{.bytes = 12'000,
                               .transactions = 20,
                               .per_account = 8,
                               .nonce_window = 6,
                               .gapped_percent = 15,
                               .bump_percent = 10,
                               .min_bump = Amount::micros(1)};

/// What the mempool's header says, in the plainest way.
class NaivePool {
public:
    struct Entry {
        CheckedTransaction transaction;
        std::uint64_t arrival;
    };

    explicit NaivePool(const MempoolWorld& world) : world_{world} {}

    bool add(const CheckedTransaction& transaction, std::uint64_t now_ms)
    {
        const auto& envelope = transaction.envelope;
        const auto next = world_.view().get<market::Account>(envelope.sender);
        const auto from = market::next_nonce(world_.view(), envelope.sender, envelope.lane);
        if (find(transaction.id) || envelope.nonce < from ||
            envelope.nonce.value > from.value + limits.nonce_window)
            return false;
        if (envelope.valid_until != 0 && envelope.valid_until < now_ms / 1000) return false;
        if (envelope.fee < Amount::micros(10)) return false;

        auto kept = entries_;
        const auto same = std::find_if(kept.begin(), kept.end(), [&](const Entry& entry) {
            return entry.transaction.envelope.sender == envelope.sender &&
                   entry.transaction.envelope.lane == envelope.lane &&
                   entry.transaction.envelope.nonce == envelope.nonce;
        });
        if (same != kept.end()) {
            const auto paid = same->transaction.envelope.fee.micros();
            const auto bump = std::max<std::uint64_t>((paid + 9) / 10, 1);
            if (envelope.fee.micros() < paid + bump) return false;
            kept.erase(same);
        } else if (of(kept, envelope.sender) >= limits.per_account) {
            return false;
        }
        std::uint64_t costs = cost_of(world_.network(), transaction).micros();
        for (const auto& entry : kept)
            if (entry.transaction.envelope.sender == envelope.sender)
                costs += cost_of(world_.network(), entry.transaction).micros();
        if (costs > next.balance.micros()) return false;

        const Entry incoming{transaction, arrivals_};
        auto with = kept;
        with.push_back(incoming);
        if (!make_room(with, incoming)) return false;
        entries_ = std::move(with);
        ++arrivals_;
        return true;
    }

    void on_block(const std::set<Address>& senders, std::uint64_t now_ms)
    {
        auto touched = senders;
        for (const auto& entry : entries_)
            if (expired(entry, now_ms)) touched.insert(entry.transaction.envelope.sender);
        sort();
        std::map<Address, std::uint64_t> spent;
        std::erase_if(entries_, [&](const Entry& entry) {
            const auto& envelope = entry.transaction.envelope;
            if (!touched.contains(envelope.sender)) return false;
            const auto with =
                spent[envelope.sender] + cost_of(world_.network(), entry.transaction).micros();
            if (envelope.nonce <
                    market::next_nonce(world_.view(), envelope.sender, envelope.lane) ||
                expired(entry, now_ms) ||
                with > world_.view().get<market::Account>(envelope.sender).balance.micros())
                return true;
            spent[envelope.sender] = with;
            return false;
        });
    }

    void drop(const TxId& id)
    {
        std::erase_if(entries_, [&](const Entry& entry) { return entry.transaction.id == id; });
    }

    const Entry* find(const TxId& id) const
    {
        for (const auto& entry : entries_)
            if (entry.transaction.id == id) return &entry;
        return nullptr;
    }

    bool pending(const Entry& entry) const { return pending(entries_, entry); }

    std::vector<TxId> select(std::size_t most_bytes, std::size_t most) const
    {
        auto left = entries_;
        std::erase_if(left, [&](const Entry& entry) { return !pending(entry); });
        std::vector<TxId> chosen;
        std::size_t bytes = 0;
        while (!left.empty() && chosen.size() < most) {
            auto best = left.end();
            for (auto at = left.begin(); at != left.end(); ++at) {
                const bool first = std::none_of(left.begin(), left.end(), [&](const Entry& other) {
                    return same_lane(other, *at) &&
                           other.transaction.envelope.nonce < at->transaction.envelope.nonce;
                });
                if (first && (best == left.end() || cheaper(*best, *at))) best = at;
            }
            bytes += best->transaction.encoded.size();
            if (bytes > most_bytes) break;
            chosen.push_back(best->transaction.id);
            left.erase(best);
        }
        return chosen;
    }

    std::size_t size() const { return entries_.size(); }
    const std::vector<Entry>& entries() const { return entries_; }

private:
    static bool same_lane(const Entry& a, const Entry& b)
    {
        return a.transaction.envelope.sender == b.transaction.envelope.sender &&
               a.transaction.envelope.lane == b.transaction.envelope.lane;
    }
    static bool cheaper(const Entry& a, const Entry& b)
    {
        const auto rate = [](const Entry& entry) {
            return entry.transaction.envelope.fee.micros() * 1024 /
                   entry.transaction.encoded.size();
        };
        return rate(a) != rate(b) ? rate(a) < rate(b) : a.arrival > b.arrival;
    }
    static bool expired(const Entry& entry, std::uint64_t now_ms)
    {
        const auto until = entry.transaction.envelope.valid_until;
        return until != 0 && until < now_ms / 1000;
    }
    static std::size_t of(const std::vector<Entry>& all, const Address& sender)
    {
        return static_cast<std::size_t>(std::count_if(
            all.begin(), all.end(),
            [&](const Entry& entry) { return entry.transaction.envelope.sender == sender; }));
    }
    bool pending(const std::vector<Entry>& all, const Entry& entry) const
    {
        const auto& envelope = entry.transaction.envelope;
        const auto from = market::next_nonce(world_.view(), envelope.sender, envelope.lane);
        for (auto nonce = from.value; nonce < envelope.nonce.value; ++nonce)
            if (std::none_of(all.begin(), all.end(), [&](const Entry& other) {
                    return same_lane(other, entry) &&
                           other.transaction.envelope.nonce.value == nonce;
                }))
                return false;
        return true;
    }
    bool make_room(std::vector<Entry>& all, const Entry& incoming) const
    {
        const bool waits = !pending(all, incoming);
        std::size_t bytes = 0;
        std::size_t gapped = incoming.transaction.encoded.size();
        for (const auto& entry : all) {
            bytes += entry.transaction.encoded.size();
            if (entry.transaction.id != incoming.transaction.id && !pending(entries_, entry))
                gapped += entry.transaction.encoded.size();
        }
        if (waits && gapped > limits.bytes / 100 * limits.gapped_percent) return false;
        while (bytes > limits.bytes || all.size() > limits.transactions) {
            if (waits) return false;
            auto worst = all.end();
            for (auto at = all.begin(); at != all.end(); ++at) {
                if (at->transaction.envelope.sender == incoming.transaction.envelope.sender)
                    continue;
                const bool last = std::none_of(all.begin(), all.end(), [&](const Entry& other) {
                    return same_lane(other, *at) &&
                           at->transaction.envelope.nonce < other.transaction.envelope.nonce;
                });
                if (last && (worst == all.end() || cheaper(*at, *worst))) worst = at;
            }
            if (worst == all.end() || !cheaper(*worst, incoming)) return false;
            bytes -= worst->transaction.encoded.size();
            all.erase(worst);
        }
        return true;
    }
    void sort()
    {
        std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
            const auto key = [](const Entry& entry) {
                const auto& envelope = entry.transaction.envelope;
                return ReplayKey{envelope.sender, envelope.lane, envelope.nonce};
            };
            return key(a) < key(b);
        });
    }

    const MempoolWorld& world_;
    std::vector<Entry> entries_;
    std::uint64_t arrivals_ = 0;
};

std::uint64_t from_environment(const char* name, std::uint64_t otherwise)
{
    const auto* text = std::getenv(name);
    return text ? std::strtoull(text, nullptr, 0) : otherwise;
}

TEST(MempoolProperty, DoesWhatTheNaivePoolDoes)
{
    const auto seed = from_environment("MILLRACE_SEED", 402);
    const auto steps = from_environment("MILLRACE_STEPS", 15'000);
    SCOPED_TRACE("MILLRACE_SEED=" + std::to_string(seed));
    std::mt19937_64 random{seed};
    const auto pick = [&](std::uint64_t below) { return random() % below; };

    MempoolWorld world;
    Mempool pool{world.network(), limits};
    NaivePool naive{world};
    for (std::uint8_t n = 1; n <= 6; ++n) world.set_balance(n, 200'000);
    std::uint64_t now_ms = MempoolWorld::start_ms;
    std::uint64_t taken = 0;
    std::uint64_t evictions = 0;
    std::set<TxId> inside;

    for (std::uint64_t step = 0; step < steps; ++step) {
        const auto sender = static_cast<std::uint8_t>(1 + pick(6));
        const auto lane = static_cast<std::uint32_t>(pick(2));
        const auto before = pool.size();
        switch (pick(12)) {
            case 0: {  // a block of some of it
                std::set<Address> senders;
                for (const auto& chosen : pool.select(2'000, 1 + pick(4))) {
                    const auto& envelope = chosen.envelope;
                    const auto n = envelope.sender.bytes[0];
                    const auto balance =
                        world.view().get<market::Account>(envelope.sender).balance.micros();
                    if (cost_of(world.network(), chosen).micros() > balance) continue;
                    world.set_balance(n, balance - cost_of(world.network(), chosen).micros());
                    world.set_next(n, envelope.lane.value, envelope.nonce.value + 1);
                    senders.insert(envelope.sender);
                }
                now_ms += pick(3'000);
                pool.on_block(senders, world.view(), {now_ms});
                naive.on_block(senders, now_ms);
                break;
            }
            case 1: {
                if (naive.size() == 0) break;
                const auto id = naive.entries()[pick(naive.size())].transaction.id;
                pool.drop(id, MempoolFault::balance_too_low);
                naive.drop(id);
                break;
            }
            case 2:
                world.set_balance(sender, pick(300'000));
                pool.on_block({MempoolWorld::account(sender)}, world.view(), {now_ms});
                naive.on_block({MempoolWorld::account(sender)}, now_ms);
                break;
            default: {
                const auto next =
                    market::next_nonce(world.view(), MempoolWorld::account(sender), {lane});
                const auto transaction = world.transaction(
                    {.from = sender,
                     .nonce = next.value + pick(8) - (next.value != 0 ? pick(2) : 0),
                     .fee = (9 + pick(60) * pick(60)) * (pick(6) == 0 ? 20 : 1),
                     .lane = lane,
                     .amount = pick(200),
                     .valid_until = pick(3) == 0 ? now_ms / 1000 + pick(6) : 0,
                     .padding = pick(4) == 0 ? 1 + pick(4'000) : 0});
                const bool added = pool.add(transaction, world.view(), {now_ms}).has_value();
                ASSERT_EQ(added, naive.add(transaction, now_ms)) << "step " << step;
                if (added) inside.insert(transaction.id);
                taken += added ? 1 : 0;
                evictions += added && pool.size() < before ? 1 : 0;
            }
        }
        pool.check();
        ASSERT_EQ(pool.size(), naive.size()) << "step " << step;
        for (const auto& departure : pool.take_departures())
            ASSERT_EQ(inside.erase(departure.id), 1u) << "step " << step;
        ASSERT_EQ(inside.size(), pool.size()) << "who is not there has departed, step " << step;
        for (const auto& entry : naive.entries())
            ASSERT_TRUE(pool.find(entry.transaction.id)) << "step " << step;
        std::vector<TxId> chosen;
        const auto most_bytes = 200 + pick(6'000);
        for (const auto& each : pool.select(most_bytes, 10)) chosen.push_back(each.id);
        ASSERT_EQ(chosen, naive.select(most_bytes, 10)) << "step " << step;
    }
    EXPECT_GT(taken, steps / 10) << "the walk went somewhere";
    EXPECT_GT(evictions, 0u) << "and pushed out more than one at a time";
}

}  // namespace
}  // namespace node

// Random histories of sales of data: who buys, releases, waits, disputes, lies. After every block
// the supply adds up and each sale stands where its state table leads; and who reads everything
// that was sent finds no key that its seller and its buyer did not both give away.
// MILLRACE_SEED reruns from a seed, MILLRACE_HISTORIES makes the run longer.
#include "market/execute.hpp"
#include "market/invariants.hpp"
#include "market/rules/sale_rules.hpp"
#include "tests/support/data_world.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <set>

namespace market {
namespace {

std::uint64_t setting(const char* name, std::uint64_t otherwise)
{
    const auto* text = std::getenv(name);
    return text ? std::strtoull(text, nullptr, 0) : otherwise;
}

/// What all histories begin with: batches on the ledger, good ones and bad ones.
struct Ground {
    explicit Ground(ledger::AssetKind kind) : world{kind}
    {
        for (const auto* name : {"alice", "bob", "carol"})
            world.put(MarketWorld::address_of(name),
                      Admitted{AccountClass::bulk, 1ull << 40, 0, 0});
        world.make_dataset();
        for (const auto flaw : {Flaw::none, Flaw::none, Flaw::junk, Flaw::other_key}) {
            const auto number = batches.size() + 1;
            batches.push_back(seal_batch(id, "batch " + std::to_string(number), 1, flaw));
            flaws.push_back(flaw);
            refs.push_back(world.contribute(id, number, batches.back()));
        }
    }
    DataWorld world;
    const DatasetId id = DataWorld::dataset();
    std::vector<SealedBatch> batches;
    std::vector<Flaw> flaws;
    std::vector<BatchRef> refs;
};

struct Counts {
    std::uint64_t transactions = 0;
    std::uint64_t exposed = 0;
    std::map<SaleStatus, std::uint64_t> sales;
    std::map<std::string, std::uint64_t> applied;
};

/// One history, from an offer to the end of its sales.
class History {
public:
    History(const Ground& ground, std::mt19937_64& random, std::uint64_t number, Counts& counts)
        : ground_{ground},
          random_{random},
          name_{std::to_string(number)},
          counts_{counts},
          memory_{ground.world.memory()},
          now_{{ground.world.now_ms()}}
    {
    }

    void run()
    {
        const auto steps = 4 + pick(12);
        for (std::uint64_t step = 0; step < steps; ++step) {
            block();
            if (testing::Test::HasFailure()) return;
        }
        look_at_everything_sent();
        for (const auto& [id, sale] : sales_) ++counts_.sales[sale.status];
    }

private:
    /// A sale as its own table has it, apart from the rules.
    struct Expected {
        OfferId offer;
        std::string buyer;
        std::vector<std::size_t> batches;
        std::vector<std::string> blinds;
        SaleStatus status = SaleStatus::funded;
        std::uint64_t since_ms = 0;
        std::uint64_t escrow = 0;
        std::vector<bool> t_shown;  ///< to everybody
        std::vector<bool> z_shown;
    };
    struct Draft {
        std::string sender;
        Message message;
    };

    std::uint64_t pick(std::uint64_t below) { return random_() % below; }
    bool chance(std::uint64_t in) { return pick(in) == 0; }
    std::string anyone() { return std::vector<std::string>{"alice", "bob", "carol"}[pick(3)]; }

    void block()
    {
        ++height_;
        now_.value += pick(7'000);
        BlockExecution execution{memory_, ground_.world.network(), {{height_}, now_, {}}};
        std::vector<std::pair<Draft, TxId>> sent;
        for (auto left = 1 + pick(3); left > 0; --left) {
            auto made = draft();
            const auto id =
                ledger::retag<TxId>(MarketWorld::hash_of(name_ + "/" + std::to_string(++sent_)));
            if (!execution.add(checked(made, id))) {
                ADD_FAILURE() << "an envelope is refused";
                return;
            }
            ++counts_.transactions;
            note_public(made.message);
            sent.emplace_back(std::move(made), id);
        }
        const auto outcome = execution.finish();
        for (std::size_t i = 0; i < sent.size(); ++i)
            if (outcome.receipts[i].status == Status::applied)
                follow(sent[i].first, sent[i].second, outcome.receipts[i]);
        memory_.apply(outcome.diff);
        for (const auto& what : broken_invariants(View{memory_}, ground_.world.network()))
            ADD_FAILURE() << what;
        for (const auto& [id, expected] : sales_) {
            const auto sale = View{memory_}.get<Sale>(id);
            EXPECT_EQ(sale.status, expected.status);
            EXPECT_EQ(sale.escrow().micros(), expected.escrow) << "escrow leaves once";
        }
    }

    CheckedTransaction checked(const Draft& made, const TxId& id)
    {
        const auto sender = MarketWorld::address_of(made.sender);
        auto envelope = make_transaction(sender, {}, {nonces_[made.sender]++}, {}, 0, made.message);
        auto encoded = ledger::encode_transaction(envelope);
        return {std::move(envelope), made.message, id, {}, std::move(encoded)};
    }

    Draft draft()
    {
        if (offers_.empty() || chance(20)) return offer();
        const auto kind = pick(100);
        if (sales_.empty() || kind < 25) return buy();
        auto at = sales_.begin();
        std::advance(at, pick(sales_.size()));
        const auto& [id, sale] = *at;
        if (kind < 50) return release(id, sale);
        if (kind < 60) return {anyone(), DataTimeout{id}};
        if (kind < 75) return {anyone(), DataFinalize{id}};
        if (kind < 93) return dispute(id, sale);
        if (kind < 97) return {"carol", DataClaim{ground_.id}};
        return {chance(4) ? "bob" : "alice", DataOfferWithdraw{at->second.offer}};
    }

    Draft offer()
    {
        auto made = DataWorld::offering(ground_.id, {}, 1 + pick(3'000));
        for (const auto& ref : ground_.refs)
            if (chance(2)) made.batches.push_back(ref);
        made.sale_bond = Amount::micros(made.price.micros() + pick(100));
        made.max_open = static_cast<std::uint32_t>(1 + pick(3));
        return {"alice", made};
    }

    Draft buy()
    {
        auto at = offers_.begin();
        std::advance(at, pick(offers_.size()));
        const auto& [id, batches] = *at;
        std::vector<std::string> names;
        for (std::size_t i = 0; i < batches.size(); ++i)
            names.push_back(name_ + "/" + std::to_string(++blinds_));
        DataBuy made;
        made.offer = id;
        made.price = prices_.at(id);
        for (const auto& name : names) {
            made.points.push_back(ledger::public_key(DataWorld::blind(name)));
            names_of_[made.points.back()] = name;
        }
        // What is sealed to the seller is as good as random to all others.
        made.wrapped_z.resize(48 + 32 * names.size());
        for (auto& byte : made.wrapped_z) byte = static_cast<std::uint8_t>(random_());
        if (chance(20)) made.price = made.price + Amount::micros(1);
        return {chance(3) ? "carol" : "bob", made};
    }

    Draft release(const SaleId& id, const Expected& sale)
    {
        DataRelease made{id, {}};
        for (std::size_t i = 0; i < sale.batches.size(); ++i)
            made.t.push_back(
                DataWorld::blinded(ground_.batches[sale.batches[i]].key, sale.blinds[i]));
        if (chance(10)) made.t[pick(made.t.size())].bytes[5] ^= 1;
        return {chance(12) ? "bob" : "alice", made};
    }

    Draft dispute(const SaleId& id, const Expected& sale)
    {
        const auto place = pick(sale.batches.size());
        const auto& batch = ground_.batches[sale.batches[place]];
        const auto at = static_cast<std::uint32_t>(place);
        auto made = chance(2) ? DataWorld::chunk_dispute(id, batch, 0, at)
                              : DataWorld::key_dispute(id, batch, sale.blinds[place], 0, at);
        if (chance(8)) made.secret.bytes[9] ^= 1;
        return {chance(10) ? anyone() : sale.buyer, made};
    }

    /// Who reads a transaction knows what is in it, applied or not.
    void note_public(const Message& message)
    {
        const auto learn = [&](const Scalar& scalar) {
            if (auto key = ledger::SecretKey::from_bytes(scalar.view()))
                public_.insert_or_assign(scalar, std::move(*key));
        };
        if (const auto* release = std::get_if<DataRelease>(&message)) {
            auto& sale = sales_.at(release->sale);
            for (std::size_t i = 0; i < release->t.size(); ++i) {
                learn(release->t[i]);
                const auto right =
                    DataWorld::blinded(ground_.batches[sale.batches[i]].key, sale.blinds[i]);
                if (release->t[i] == right) sale.t_shown[i] = true;
            }
        }
        if (const auto* dispute = std::get_if<DataDispute>(&message)) {
            auto& sale = sales_.at(dispute->sale);
            learn(dispute->secret);
            const auto z = DataWorld::blind(sale.blinds[dispute->batch]);
            if (dispute->secret == Scalar::of(z.view())) sale.z_shown[dispute->batch] = true;
        }
        if (const auto* buy = std::get_if<DataBuy>(&message))
            for (std::size_t at = 0; at + 32 <= buy->wrapped_z.size(); at += 32)
                learn(Scalar::of(ledger::ByteView{buy->wrapped_z}.subspan(at, 32)));
    }

    /// What an applied message does by the table, and that it could.
    void follow(const Draft& made, const TxId& tx, const Receipt& receipt)
    {
        ++counts_.applied[std::string{name_of(made.message)}];
        if (const auto* offered = std::get_if<DataOffer>(&made.message)) {
            const auto id = ledger::retag<OfferId>(tx);
            prices_[id] = offered->price;
            for (const auto& ref : offered->batches) offers_[id].push_back(ref.batch - 1);
        } else if (const auto* buy = std::get_if<DataBuy>(&made.message)) {
            Expected sale;
            sale.offer = buy->offer;
            sale.buyer = made.sender;
            sale.batches = offers_.at(buy->offer);
            for (const auto& point : buy->points) sale.blinds.push_back(names_of_.at(point));
            sale.since_ms = now_.value;
            sale.escrow = 2 * prices_.at(buy->offer).micros();
            sale.t_shown.resize(sale.batches.size());
            sale.z_shown.resize(sale.batches.size());
            sales_[ledger::retag<SaleId>(tx)] = sale;
        } else if (const auto* release = std::get_if<DataRelease>(&made.message)) {
            auto& sale = step(release->sale, SaleStatus::funded, SaleStatus::released);
            EXPECT_EQ(made.sender, "alice");
            sale.since_ms = now_.value;
            for (const bool shown : sale.t_shown) EXPECT_TRUE(shown) << "only right scalars";
        } else if (const auto* timeout = std::get_if<DataTimeout>(&made.message)) {
            const auto& sale = step(timeout->sale, SaleStatus::funded, SaleStatus::refunded);
            EXPECT_GE(now_.value, sale.since_ms + DataWorld::t_rel_s * 1'000);
        } else if (const auto* finalize = std::get_if<DataFinalize>(&made.message)) {
            const auto& sale = step(finalize->sale, SaleStatus::released, SaleStatus::finalized);
            EXPECT_GE(now_.value, sale.since_ms + DataWorld::t_disp_s * 1'000);
        } else if (const auto* dispute = std::get_if<DataDispute>(&made.message)) {
            judge(made.sender, *dispute, receipt);
        }
    }

    Expected& step(const SaleId& id, SaleStatus from, SaleStatus to)
    {
        auto& sale = sales_.at(id);
        EXPECT_EQ(sale.status, from);
        sale.status = to;
        if (to != SaleStatus::released) sale.escrow = 0;
        return sale;
    }

    void judge(const std::string& sender, const DataDispute& dispute, const Receipt& receipt)
    {
        auto& sale = sales_.at(dispute.sale);
        const auto price = prices_.at(sale.offer).micros();
        EXPECT_EQ(sender, sale.buyer);
        EXPECT_EQ(sale.status, SaleStatus::released);
        EXPECT_EQ(sale.escrow, 2 * price) << "the bond is there";
        const auto fault = dispute.kind == DataDisputeKind::chunk ? Flaw::junk : Flaw::other_key;
        const bool holds = ground_.flaws[sale.batches[dispute.batch]] == fault;
        if (holds)
            step(dispute.sale, SaleStatus::released, SaleStatus::slashed);
        else
            sale.escrow = price;
        const auto wanted = holds ? EventKind::slashed : EventKind::dispute_lost;
        EXPECT_TRUE(std::any_of(receipt.events.begin(), receipt.events.end(),
                                [&](const Event& event) { return event.kind == wanted; }));
    }

    /// The oracle: every number that was sent, and every difference of two. It finds the keys whose
    /// t and z both were shown, which proves that it can see, and no other.
    void look_at_everything_sent()
    {
        std::set<Scalar> found;
        for (const auto& [scalar, key] : public_) {
            found.insert(scalar);
            for (const auto& [other_scalar, other] : public_)
                if (const auto difference = ledger::subtract(key, other))
                    found.insert(Scalar::of(difference->view()));
        }
        std::set<std::size_t> exposed;
        for (const auto& [id, sale] : sales_)
            for (std::size_t i = 0; i < sale.batches.size(); ++i)
                if (sale.t_shown[i] && sale.z_shown[i]) exposed.insert(sale.batches[i]);
        counts_.exposed += exposed.size();
        for (std::size_t i = 0; i < ground_.batches.size(); ++i)
            EXPECT_EQ(found.contains(Scalar::of(ground_.batches[i].key.view())),
                      exposed.contains(i))
                << "key of batch " << i;
    }

    const Ground& ground_;
    std::mt19937_64& random_;
    const std::string name_;
    Counts& counts_;
    ledger::MemoryState memory_;
    TimeMs now_;
    std::uint64_t height_ = 1;
    std::uint64_t sent_ = 0;
    std::uint64_t blinds_ = 0;
    std::map<ledger::PublicKey, std::string> names_of_;  ///< of blinds
    std::map<std::string, std::uint64_t> nonces_;
    std::map<OfferId, std::vector<std::size_t>> offers_;
    std::map<OfferId, Amount> prices_;
    std::map<SaleId, Expected> sales_;
    std::map<Scalar, ledger::SecretKey> public_;
};

void run_histories(ledger::AssetKind kind, std::uint64_t histories)
{
    const auto seed = setting("MILLRACE_SEED", 402);
    std::cout << "MILLRACE_SEED=" << seed << " MILLRACE_HISTORIES=" << histories << std::endl;
    std::mt19937_64 random{seed};
    const Ground ground{kind};
    Counts counts;
    for (std::uint64_t number = 0; number < histories; ++number) {
        History{ground, random, number, counts}.run();
        ASSERT_FALSE(testing::Test::HasFailure()) << "history " << number;
    }
    // Every end was reached, and the oracle had something to see.
    for (const auto status : {SaleStatus::funded, SaleStatus::released, SaleStatus::finalized,
                              SaleStatus::refunded, SaleStatus::slashed})
        EXPECT_GT(counts.sales[status], histories / 50) << ledger::codec::enum_name(status);
    EXPECT_GT(counts.exposed, histories / 50);
    for (const auto* name : {"DataOffer", "DataOfferWithdraw", "DataBuy", "DataRelease",
                             "DataTimeout", "DataFinalize", "DataDispute", "DataClaim"})
        EXPECT_GT(counts.applied[name], 0u) << name;
    for (const auto& [name, count] : counts.applied) std::cout << name << ' ' << count << ' ';
    std::cout << "of " << counts.transactions << ", keys exposed " << counts.exposed << std::endl;
}

TEST(DataSaleProperty, MoneyLeavesOnceAndKeysReachTheirBuyersAlone)
{
    run_histories(ledger::AssetKind::coin, setting("MILLRACE_HISTORIES", 1'000));
}
TEST(DataSaleProperty, AndSoOnANetworkOfCredit)
{
    run_histories(ledger::AssetKind::credit, setting("MILLRACE_HISTORIES", 1'000) / 4);
}

}  // namespace
}  // namespace market

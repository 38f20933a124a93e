// Random histories of label orders: who takes seats, hands over, labels, cheats, reviews, appeals,
// decides, waits. After every message the supply adds up, each piece of work stands where its state
// table leads, and everybody has got exactly what that table gives them.
// MILLRACE_SEED reruns from a seed, MILLRACE_HISTORIES makes the run longer.
#include "market/invariants.hpp"
#include "tests/support/label_world.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>

namespace market {
namespace {

using Status = LabelWorkStatus;

std::uint64_t setting(const char* name, std::uint64_t otherwise)
{
    const auto* text = std::getenv(name);
    return text ? std::strtoull(text, nullptr, 0) : otherwise;
}

constexpr std::array<const char*, 3> annotators{"bob", "carol", "dave"};

struct Counts {
    std::uint64_t messages = 0;
    std::uint64_t applied = 0;
    std::map<std::string, std::uint64_t> ends;  ///< by the way that led there
};

/// A piece of work as its own table has it, apart from the rules.
struct Expected {
    Status status = Status::taken;
    std::uint64_t until_ms = 0;
    std::uint64_t work_began_ms = 0;
    LabelSheet sheet;
    std::uint32_t reviewed = 0;
    bool is_void = false;
    bool is_open() const { return status < Status::paid; }
};

/// One history: an order and all that is tried with it. `paid` is what the table says that each
/// has got or given since the order, deposits of bytes apart.
class History {
public:
    History(ledger::AssetKind kind, std::uint64_t seed, Counts& counts)
        : world_{kind}, random_{seed}, counts_{counts}
    {
        auto message = world_.good();
        message.seats = 1 + static_cast<std::uint32_t>(pick(3));
        if (chance(4)) message.bond = {};
        if (chance(4)) message.arbiter_fee = {};
        bond_ = message.bond.micros();
        fee_ = message.arbiter_fee.micros();
        cost_ = LabelWorld::items * LabelWorld::price + fee_;
        free_ = message.seats;
        const auto before = holdings();
        order_ = world_.order_alone(message);
        add("alice", -signed_of(free_ * cost_));
        start_ = before;
        opened_ms_ = world_.now_ms();
    }

    void run()
    {
        for (auto steps = 30 + pick(40); steps > 0 && !testing::Test::HasFailure(); --steps) {
            world_.pass_ms(pick(8'000) * (chance(8) ? 50 : 1));
            step();
            check();
        }
        world_.pass_s(10 * LabelWorld::open_s);
        for (const auto* name : annotators) {
            if (!work_.contains(name) || !work_[name].is_open()) continue;
            time_out(name);
            check();
        }
        if (!closed_) close("bob");
        check();
        const auto seats = world_.seats(order_);
        EXPECT_TRUE(seats.escrow.is_zero() && seats.free == 0 && seats.open == 0);
    }

private:
    static std::int64_t signed_of(std::uint64_t micros)
    {
        return static_cast<std::int64_t>(micros);
    }
    std::uint64_t pick(std::uint64_t below) { return random_() % below; }
    bool chance(std::uint64_t in) { return pick(in) == 0; }
    std::string someone() { return annotators.at(pick(annotators.size())); }
    void add(const std::string& name, std::int64_t micros) { paid_[name] += micros; }

    /// Balance, deposit and statements of everybody, so that deposits of bytes do not count.
    std::map<std::string, std::int64_t> holdings() const
    {
        std::map<std::string, std::int64_t> all;
        for (const auto* name : {"alice", "bob", "carol", "dave", "judy"}) {
            auto& held = all[name];
            held = signed_of(world_.balance(name) + world_.locked(name));
            world_.view().scan<Earned>({}, [&](const EarnedKey& key, const Earned& earned) {
                if (key.account == MarketWorld::address_of(name))
                    held += signed_of(earned.amount.micros());
                return true;
            });
        }
        return all;
    }
    /// What of that which was burned is minted, or goes to a statement.
    std::int64_t minted(std::uint64_t burned) const
    {
        const auto whole = Amount::micros(burned);
        return static_cast<std::int64_t>(
            (whole - whole.share_up(world_.params().delta_bps)).micros());
    }

    template <class M>
    bool send(const std::string& sender, const M& message, bool expected)
    {
        ++counts_.messages;
        const auto outcome = world_.apply(sender, message);
        EXPECT_EQ(outcome == Rejection::none, expected)
            << ledger::codec::name_of<M>() << " by " << sender << ": "
            << ledger::codec::enum_name(outcome);
        counts_.applied += outcome == Rejection::none ? 1 : 0;
        return outcome == Rejection::none;
    }

    bool stands(const std::string& name, Status status) const
    {
        const auto found = work_.find(name);
        return found != work_.end() && found->second.status == status;
    }
    bool in_time(const std::string& name) const
    {
        return world_.now_ms() < work_.at(name).until_ms;
    }
    void turn(const std::string& name, Status status, std::uint64_t window_s)
    {
        work_[name].status = status;
        work_[name].until_ms = world_.now_ms() + window_s * 1'000;
    }

    void step()
    {
        const auto name = someone();
        if (!chance(3)) return fitting_step(name);
        const auto kind = pick(100);
        if (kind < 1) return close(chance(2) ? "alice" : name);
        if (kind < 4) return agree(chance(2) ? "judy" : name);
        if (kind < 15) return take(name);
        if (kind < 35) return hand(name);
        if (kind < 38) return give_back(name);
        if (kind < 60) return submit(name);
        if (kind < 75) return review(name);
        if (kind < 82) return appeal(name);
        if (kind < 90) return decide(name);
        time_out(name);
    }

    /// What somebody would do next who wants to get on, as far as time allows.
    void fitting_step(const std::string& name)
    {
        if (!agreed_) return agree("judy");
        if (!work_.contains(name)) return take(name);
        if (!in_time(name)) return time_out(name);
        switch (work_[name].status) {
            case Status::taken:
                return hand(name);
            case Status::handed:
                return submit(name);
            case Status::submitted:
                return review(name);
            case Status::reviewed:
                return appeal(name);
            case Status::appealed:
                return decide(name);
            default:
                return time_out(name);
        }
    }

    void close(const std::string& by)
    {
        const bool old = world_.now_ms() >= opened_ms_ + LabelWorld::open_s * 1'000;
        if (!send(by, LabelOrderClose{order_}, !closed_ && (by == "alice" || old))) return;
        closed_ = true;
        add("alice", signed_of(free_ * cost_));
        free_ = 0;
    }
    void agree(const std::string& by)
    {
        if (send(by, LabelAgree{order_}, by == "judy" && !agreed_ && !closed_)) agreed_ = true;
    }
    void take(const std::string& name)
    {
        const bool old = world_.now_ms() >= opened_ms_ + LabelWorld::open_s * 1'000;
        const bool can = agreed_ && !closed_ && !old && free_ > 0 && !work_.contains(name);
        if (!send(name, LabelWorld::taking(order_), can)) return;
        --free_;
        add(name, -signed_of(bond_));
        turn(name, Status::taken, LabelWorld::review_s);
    }
    void hand(const std::string& name)
    {
        const bool can = stands(name, Status::taken) && in_time(name);
        const auto by = chance(10) ? name : std::string{"alice"};
        if (!send(by, LabelWorld::handing(order_, name), can && by == "alice")) return;
        work_[name].work_began_ms = world_.now_ms();
        turn(name, Status::handed, LabelWorld::work_s);
    }
    void give_back(const std::string& name)
    {
        const bool early =
            stands(name, Status::handed) &&
            world_.now_ms() < work_[name].work_began_ms + LabelWorld::work_s * 1'000 / 4;
        if (!send(name, LabelReturn{order_}, stands(name, Status::taken) || early)) return;
        add(name, signed_of(bond_));
        drop(name, Status::returned);
    }
    void submit(const std::string& name)
    {
        auto sheet = LabelWorld::sheet(static_cast<std::uint32_t>(pick(2)),
                                       static_cast<std::uint32_t>(pick(LabelWorld::items)));
        const bool can = stands(name, Status::handed) && in_time(name);
        if (!send(name, LabelWorld::submission(order_, sheet), can)) return;
        work_[name].sheet = std::move(sheet);
        turn(name, Status::submitted, LabelWorld::review_s);
    }
    void review(const std::string& name)
    {
        const bool can = stands(name, Status::submitted) && in_time(name);
        const auto labels = can ? work_[name].sheet.labels() : LabelWorld::items;
        if (can && chance(3)) return call_void(name);
        const auto accepted =
            chance(3) ? labels : static_cast<std::uint32_t>(pick(LabelWorld::items + 2));
        if (!send("alice", LabelWorld::review(order_, name, accepted), can && accepted <= labels))
            return;
        if (accepted == labels) return pay(name, "accepted", accepted, 0, 0);
        work_[name].reviewed = accepted;
        turn(name, Status::reviewed, LabelWorld::appeal_s);
    }
    /// With two of the three of the gold, which are wrong only where the labels differ, or without.
    void call_void(const std::string& name)
    {
        const auto& sheet = work_[name].sheet;
        auto message = LabelWorld::void_review(order_, name);
        if (chance(2)) message.errors = {world_.error(sheet, 1), world_.error(sheet, 2)};
        const auto wrong = [&](std::size_t item) { return sheet.rows[item].label == 1; };
        if (!send("alice", message, message.errors.empty() || (wrong(4) && wrong(8)))) return;
        work_[name].is_void = true;
        turn(name, Status::reviewed, LabelWorld::appeal_s);
    }
    void appeal(const std::string& name)
    {
        const bool can = stands(name, Status::reviewed) && in_time(name);
        if (!send(name, LabelAppeal{order_}, can)) return;
        add(name, -signed_of(fee_));
        turn(name, Status::appealed, LabelWorld::decide_s);
    }
    void decide(const std::string& name)
    {
        const bool can = stands(name, Status::appealed) && in_time(name);
        const auto reviewed = can ? work_[name].reviewed : 0;
        const auto accepted =
            chance(4) ? reviewed : static_cast<std::uint32_t>(pick(LabelWorld::items + 2));
        const bool owner_pays = chance(2);
        const LabelDecide message{order_, MarketWorld::address_of(name), accepted, owner_pays, {}};
        const bool fits = can && accepted >= reviewed && accepted <= work_[name].sheet.labels() &&
                          (!owner_pays || accepted > reviewed);
        if (!send("judy", message, fits)) return;
        add("judy", minted(fee_));
        if (work_[name].is_void && accepted == 0) return fail(name, "void, and judged so");
        if (accepted == reviewed) return pay(name, "judged for the owner", accepted, 0, 0);
        const auto fee = signed_of(fee_);
        if (owner_pays)
            pay(name, "judged against the owner", accepted, fee, fee);
        else
            pay(name, "judged against neither", accepted, 0, 0);
    }
    void time_out(const std::string& name)
    {
        const bool can = work_.contains(name) && work_[name].is_open() && !in_time(name);
        if (!send("alice", LabelTimeout{order_, MarketWorld::address_of(name)}, can)) return;
        const auto& work = work_[name];
        switch (work.status) {
            case Status::taken:
                add(name, signed_of(bond_));
                return drop(name, Status::unhanded);
            case Status::handed:
                add("alice", signed_of(bond_ / 2));
                return drop(name, Status::lapsed);
            case Status::reviewed:
                if (work.is_void) return fail(name, "void, and not appealed");
                return pay(name, "reviewed, and not appealed", work.reviewed, 0, 0);
            case Status::appealed:
                return pay(name, "silent arbiter", work.sheet.labels(), signed_of(fee_), 0);
            default:
                return pay(name, "silent owner", work.sheet.labels(), 0, 0);
        }
    }

    void fail(const std::string& name, const char* why)
    {
        ++counts_.ends[why];
        add("alice", signed_of(bond_ / 2 + cost_));
        work_[name].status = Status::failed;
    }
    void drop(const std::string& name, Status status)
    {
        ++counts_.ends[std::string{ledger::codec::enum_name(status)}];
        work_[name].status = status;
        if (closed_)
            add("alice", signed_of(cost_));
        else
            ++free_;
    }
    /// `appeal_back` returns to the annotator, `fee` the owner pays to the arbiter.
    void pay(const std::string& name, const char* why, std::uint32_t accepted,
             std::int64_t appeal_back, std::int64_t fee)
    {
        ++counts_.ends[why];
        const auto burned = accepted * LabelWorld::price;
        add(name, minted(burned) + signed_of(bond_) + appeal_back);
        add("alice", signed_of(cost_ - burned) - fee);
        work_[name].status = Status::paid;
    }

    void check()
    {
        for (const auto& what : broken_invariants(world_.view(), world_.network()))
            ADD_FAILURE() << what;
        if (world_.network().mints()) {
            EXPECT_EQ(world_.total_held(), world_.supply());
        }
        for (const auto& [name, work] : work_)
            EXPECT_EQ(world_.work(order_, name).status, work.status) << name;
        EXPECT_EQ(world_.seats(order_).free, free_);
        const auto now = holdings();
        for (const auto& [name, before] : start_)
            EXPECT_EQ(now.at(name), before + paid_[name]) << name;
    }

    LabelWorld world_;
    std::mt19937_64 random_;
    Counts& counts_;
    LabelOrderId order_;
    std::uint64_t bond_ = 0, fee_ = 0, cost_ = 0;
    std::uint64_t free_ = 0;
    bool agreed_ = false;
    bool closed_ = false;
    std::uint64_t opened_ms_ = 0;
    std::map<std::string, Expected> work_;
    std::map<std::string, std::int64_t> start_;
    std::map<std::string, std::int64_t> paid_;
};

void run(ledger::AssetKind kind)
{
    const auto seed = setting("MILLRACE_SEED", 1);
    const auto histories = setting("MILLRACE_HISTORIES", 300);
    Counts counts;
    for (std::uint64_t i = 0; i < histories; ++i) {
        SCOPED_TRACE("MILLRACE_SEED=" + std::to_string(seed + i) + " MILLRACE_HISTORIES=1");
        History{kind, seed + i, counts}.run();
        if (testing::Test::HasFailure()) return;
    }
    std::cout << counts.messages << " messages, " << counts.applied << " applied";
    for (const auto& [end, count] : counts.ends) std::cout << ", " << count << " " << end;
    std::cout << "\n";
    if (histories < 300) return;
    for (const auto* end :
         {"accepted", "silent owner", "reviewed, and not appealed", "silent arbiter",
          "judged for the owner", "judged against the owner", "judged against neither",
          "void, and not appealed", "void, and judged so", "unhanded", "returned", "lapsed"})
        EXPECT_GT(counts.ends[end], 0u) << end;
}

TEST(LabelHistories, GiveEverybodyWhatTheTableSays)
{
    run(ledger::AssetKind::coin);
}

TEST(LabelHistories, GiveEverybodyWhatTheTableSaysWithoutACoin)
{
    run(ledger::AssetKind::credit);
}

}  // namespace
}  // namespace market

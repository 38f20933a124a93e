#pragma once

#include "market/execute.hpp"
#include "tests/support/lease_world.hpp"

#include <map>
#include <random>

/// One random history of GPU leases, with a table of its own of what each lease holds and where it
/// stands.
namespace market {

/// What all histories begin with: offers, and verifiers "v0" to "v6".
struct LeaseGround {
    explicit LeaseGround(ledger::AssetKind);
    LeaseWorld world;
    GpuOfferId exact;  ///< of machines that give the same bits
    GpuOfferId near;   ///< of others
};

struct LeaseCounts {
    std::uint64_t transactions = 0;
    std::uint64_t lazy = 0;  ///< verifiers caught with a decoy
    std::map<std::string, std::uint64_t> applied;
    std::map<LeaseOutcome, std::uint64_t> outcomes;
};

class LeaseHistory {
public:
    LeaseHistory(const LeaseGround&, std::mt19937_64&, std::uint64_t number, LeaseCounts&);
    void run();

private:
    struct Draft {
        Address sender;
        Message message;
    };
    /// A lease as its own table has it, apart from the rules.
    struct Expected {
        GpuOrder order;
        bool exact = true;
        LeaseStatus status = LeaseStatus::matched;
        LeaseOutcome outcome = LeaseOutcome::none;
        std::uint64_t rate = 0;
        std::uint64_t signed_s = 0;  ///< by the tenant
        std::uint64_t closed_ms = 0;
        std::uint64_t paid_s = 0;
        std::uint64_t bond = 0;
        std::uint64_t deposit = 0;
        std::uint64_t challenge = 0;
        std::vector<Hash> committed;  ///< to segments, in order
        std::vector<std::pair<std::uint64_t, std::uint64_t>> checkpoints;
        std::vector<std::uint64_t> decoys;
        bool assigned = false;
        bool doubted = false;  ///< by the tenant
        std::map<std::uint64_t, Hash> reports;
        std::size_t slots = 0;
        std::set<std::uint64_t> opened;
        std::set<std::uint64_t> wrong;        ///< segments whose report a jury refuted
        std::set<std::uint64_t> open_doubts;  ///< that no jury could decide
        bool decoys_shown = false;

        bool is_job() const { return order.job.kind != JobKind::raw; }
        std::uint64_t held() const;
        bool faked(std::uint64_t segment) const
        {
            return committed.at(segment) != LeaseWorld::true_result(segment);
        }
    };

    std::uint64_t pick(std::uint64_t below) { return random_() % below; }
    bool chance(std::uint64_t in) { return pick(in) == 0; }
    View view() const { return View{memory_}; }
    const ledger::LeaseParameters& params() const { return ground_.world.params().lease; }

    void block();
    CheckedTransaction checked(const Draft&, const TxId&);
    void compare();

    // What somebody might send now.
    Draft draft();
    Draft order();
    Draft bid(const GpuOrderId&);
    Draft of_order(const GpuOrderId&);
    Draft of_running(const LeaseId&, Expected&);
    Draft of_checked(const LeaseId&, Expected&);
    Draft of_dispute(const LeaseId&);
    Draft of_others();
    Draft report(const LeaseId&, Expected&);
    Draft reveal(const LeaseId&, Expected&);
    Address somebody();
    SegmentOpening opening(const Expected&, std::uint64_t segment) const;

    // What an applied message does by the table.
    void follow(const Message&, const TxId&);
    void follow_settle(const LeaseId&, Expected&);
    void follow_jury(Expected&, const LeaseDispute& before);
    void end(Expected&, LeaseStatus, LeaseOutcome);
    /// What the provider earned with it.
    void count_pay(const Message&, const Receipt&);

    const LeaseGround& ground_;
    std::mt19937_64& random_;
    const std::string name_;
    LeaseCounts& counts_;
    ledger::MemoryState memory_;
    ledger::MemoryState before_;  ///< as the last block found it
    TimeMs now_;
    std::uint64_t height_;
    std::uint64_t sent_ = 0;
    std::uint64_t earned_ = 0;  ///< by the provider
    const bool honest_juries_;
    const bool honest_provider_;
    std::map<Address, std::uint64_t> nonces_;
    std::map<GpuOrderId, GpuOrder> orders_;
    std::map<GpuBidId, GpuBid> bids_;
    std::map<LeaseId, Expected> leases_;
    std::map<std::pair<LeaseId, Address>, Hash> said_;  ///< by jurors, before they reveal
};

}  // namespace market

#pragma once

#include "market/lease_voucher.hpp"
#include "market/state/lease_records.hpp"
#include "tests/support/market_world.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

/// A market in which GPU time is let: "tia" orders, "pol" provides, "v0" to "v9" verify.
namespace market {

class LeaseWorld : public MarketWorld {
public:
    static constexpr std::uint64_t segments = 20;
    static constexpr std::uint64_t rate = 10;
    static constexpr std::uint64_t escrow = 10'000;  ///< for 1,000 seconds
    static constexpr std::uint64_t fee = 50;
    static constexpr std::uint32_t samples = 4;
    static constexpr std::uint64_t stake = 20'000;
    static constexpr std::size_t verifiers = 10;
    static constexpr const char* arch = "cpu";

    explicit LeaseWorld(ledger::AssetKind = ledger::AssetKind::coin);
    /// With other parameters.
    explicit LeaseWorld(ledger::Genesis);
    /// Its lease: an interval of 10 s, g 30 s, T_move 100 s, T_jury 50 s, a window of 400 s,
    /// 4 samples, bonds of all that can be paid, juries of 5 with a quorum of 3, stakes of 10,000
    /// and dispute bonds of 1,000.
    static ledger::Genesis genesis(ledger::AssetKind = ledger::AssetKind::coin);

    /// Messages that the rules accept, for tests to change one thing of.
    GpuOffer offering() const;
    GpuOrder ordering(JobKind = JobKind::train) const;
    GpuBid bidding(const GpuOrderId&, const GpuOfferId&, std::uint64_t of_rate = rate) const;
    /// With the tenant's signature.
    LeaseClaim claim(const LeaseId&, std::uint64_t seconds) const;

    /// Does it, and throws when the rules refuse.
    GpuOfferId offer() { return offer(offering()); }
    GpuOfferId offer(const GpuOffer&);
    GpuOrderId order(const GpuOrder&);
    GpuBidId bid(const GpuBid&);
    LeaseId accept(const GpuOrderId&, const GpuBidId&);
    /// From an order to a lease that runs.
    LeaseId start(const GpuOrder&);
    LeaseId start() { return start(ordering()); }
    /// Commits to all segments from the last one on; those in `faked` to something else.
    void checkpoint(const LeaseId&, std::uint64_t to = segments,
                    const std::set<std::uint64_t>& faked = {});
    /// The tenant closes; the next block has begun.
    void close(const LeaseId&);
    void join(std::size_t count = verifiers);
    void assign(const LeaseId&);
    /// Runs, commits, is closed and assigned.
    LeaseId assigned(const GpuOrder&, const std::set<std::uint64_t>& faked = {});

    static Hash secret() { return hash_of("the tenant's secret"); }
    /// What an honest execution of a segment gives, and what a liar says instead.
    static Hash true_result(std::uint64_t segment);
    static Hash fake_result(std::uint64_t segment);
    SegmentOpening opening(const LeaseId&, std::uint64_t segment) const;
    /// Leaves of the tree of a checkpoint: each commitment, and its salt beside it.
    static std::vector<Hash> salted_leaves(const std::vector<Hash>& commitments);
    /// Plants decoys for these segments in an order.
    static void plant(GpuOrder&, const std::vector<std::uint64_t>& at);
    static PlantedSegment planted(const std::vector<std::uint64_t>& at, std::size_t index);

    /// Reports all slots, those in `instead` with another result; everything true by default.
    void report(const LeaseId&, const std::map<std::uint64_t, Hash>& instead = {});
    void open_all(const LeaseId&);
    /// The jury of a dispute; has it seated unless it sits.
    std::vector<Address> jury(const LeaseId&);
    /// All jurors commit to this, and reveal it when the time to commit is over; or the first of
    /// them to these, one each.
    void vote(const LeaseId&, const Hash& result);
    void vote(const LeaseId&, const std::vector<Hash>& results);

    Lease lease(const LeaseId& id) const { return view().get<Lease>(id); }
    std::vector<VerifySlot> slots(const LeaseId& id) const
    {
        return view().get<Verification>(id).slots;
    }
    LeaseDispute dispute(const LeaseId& id) const { return view().get<LeaseDispute>(id); }
    Verifier verifier(const std::string& name) const
    {
        return view().get<Verifier>({arch, address_of(name)});
    }
    std::uint64_t burned() const { return view().get<Supply>({}).burned.micros(); }
    /// Name of a verifier.
    static std::string name_of(const Address&);
    void begin_block() { next_block("block " + std::to_string(++blocks_)); }

private:
    std::uint64_t blocks_ = 0;
    std::map<LeaseId, std::vector<Hash>> committed_;
};

}  // namespace market

#pragma once

#include "market/paging.hpp"
#include "market/state/lease_records.hpp"

/// What people and nodes look up of GPU time. Nothing here takes part in rules.
namespace market {

struct GpuOfferEntry {
    GpuOfferId id;
    GpuOfferRecord record;
};

/// Offers of one provider or of all; `listed`: only those under which bids can be made.
Page<GpuOfferEntry> list_gpu_offers(const View&, const std::optional<Address>& provider,
                                    bool listed, ByteView after, std::size_t limit);

struct GpuOrderEntry {
    GpuOrderId id;
    GpuOrderRecord record;
};

/// Orders of one tenant or of all; `waiting`: only those that take bids.
Page<GpuOrderEntry> list_gpu_orders(const View&, const std::optional<Address>& tenant, bool waiting,
                                    ByteView after, std::size_t limit);

struct GpuBidEntry {
    GpuBidId id;
    GpuBidRecord record;
};

/// The bids that wait for an order; there are at most LeaseLimits::bids.
std::vector<GpuBidEntry> list_bids(const View&, const GpuOrderId&);

struct LeaseEntry {
    LeaseId id;
    Lease lease;
};

/// Leases of a tenant or of a provider, or of both.
Page<LeaseEntry> list_leases(const View&, const std::optional<Address>& tenant,
                             const std::optional<Address>& provider, ByteView after,
                             std::size_t limit);

std::vector<CheckpointRecord> list_checkpoints(const View&, const LeaseId&, std::uint32_t first,
                                               std::size_t limit);

struct VerifierEntry {
    VerifierKey key;
    Verifier verifier;
};

Page<VerifierEntry> list_verifiers(const View&, ByteView after, std::size_t limit);

/// Something that a verifier has to do.
struct Duty {
    LeaseId lease;
    std::uint64_t segment{};
    bool as_juror = false;
    friend bool operator==(const Duty&, const Duty&) = default;
};
MILLRACE_DESCRIBE(Duty, (lease, segment, as_juror))

/// Segments that an account still has to report, and juries in which it has not yet revealed, of
/// the first QueryLimits::scanned leases that are being checked.
std::vector<Duty> list_duties(const View&, const Address&);

/// Whether an account has a part in an order: its tenant, who waits with a bid for it, the provider
/// of its lease, and while that is checked its verifiers and jurors.
bool is_party(const View&, const GpuOrderId&, const Address&);

/// How long the parties may still have something to say after the end of their lease.
inline constexpr std::uint64_t after_lease_ms = 3'600'000;

/// Whether nothing comes of an order any more at this block time: it was cancelled, expired without
/// a lease, or its lease ended more than `after_lease_ms` ago. True where there is none.
bool is_over(const View&, const GpuOrderId&, std::uint64_t now_ms);

}  // namespace market

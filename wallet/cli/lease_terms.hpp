#pragma once

#include "market/lease_voucher.hpp"
#include "market/messages/verify.hpp"
#include "market/state/lease_records.hpp"
#include "wallet/cli/session.hpp"

#include <string>
#include <vector>

/// What the parties to a lease of GPU time derive and look up before they send a message.
namespace wallet::cli {

market::GpuOrderId order_id_of(const std::string& text);
market::LeaseId lease_id_of(const std::string& text);
/// Proven; throws where there is none.
market::GpuOrder order_of(const Session& session, const market::GpuOrderId& id);
market::Lease lease_of(const Session& session, const market::LeaseId& id);

market::LeaseMeter meter_of(const Session& session, const market::LeaseId& id,
                            const market::Lease& lease);

/// The secret behind an order's beacon, from the tenant's key and the order: nothing has to be
/// kept. `order.beacon_commit` is not looked at, nor what the ledger fills in.
ledger::Hash beacon_secret(const ledger::SecretKey& tenant, market::GpuOrder order);

/// The decoys of an order, from the tenant's key and the order: as many as it plants, in segments
/// of their own, with their paths under `planted_root`. `order.verify.planted_root` and
/// `beacon_commit` are not looked at.
struct Decoys {
    std::vector<market::PlantedSegment> planted;
    ledger::Hash root;  ///< zero without any
};
Decoys decoys_of(const ledger::SecretKey& tenant, market::GpuOrder order);

/// A juror's salt, from its key and the dispute: what it committed to can be revealed by any of its
/// machines, and a second jury about the same segment has another.
ledger::Hash jury_salt(const ledger::SecretKey& juror, const market::LeaseId& lease,
                       const market::LeaseDispute& dispute);
market::LeaseDispute dispute_of(const Session& session, const market::LeaseId& id);

/// The commitments that a trainer wrote to its --log, by segment from 0; throws where one is
/// missing.
std::vector<ledger::Hash> commitments_in(const std::string& log);

/// The leaves of a checkpoint of the segments [from, to): for each its commitment and a salt from
/// the provider's key beside it, so that nobody can try values against the root.
std::vector<ledger::Hash> checkpoint_leaves(const ledger::SecretKey& provider,
                                            const market::LeaseId& lease,
                                            const std::vector<ledger::Hash>& commitments,
                                            std::uint64_t from, std::uint64_t to);
/// What commits to all of them from segment `from` on, at least one.
market::LeaseCheckpoint checkpoint_of(const ledger::SecretKey& provider,
                                      const market::LeaseId& lease, std::uint64_t from,
                                      const std::vector<ledger::Hash>& commitments);
/// What the provider committed to for `segment`, opened from its commitments; throws where no
/// checkpoint holds it, or one has another root.
market::SegmentOpening opening_of(const Session& session, const market::LeaseId& id,
                                  std::uint64_t segment,
                                  const std::vector<ledger::Hash>& commitments,
                                  const ledger::SecretKey& provider);

}  // namespace wallet::cli

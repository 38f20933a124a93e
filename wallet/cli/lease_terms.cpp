#include "wallet/cli/lease_terms.hpp"

#include "ledger/base/big_endian.hpp"
#include "ledger/codec/binary.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/hkdf.hpp"
#include "ledger/crypto/merkle.hpp"
#include "ledger/crypto/sha256.hpp"
#include "market/rules/lease_rules.hpp"
#include "wallet/cli/node_lists.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

namespace wallet::cli {
namespace {

using ledger::Bytes;
using ledger::Hash;

constexpr std::size_t log_bytes = 256 << 20;

/// 32 bytes that only the holder of the key can know, for one purpose, subject and number.
Hash derived(const ledger::SecretKey& key, std::string_view purpose, ledger::ByteView subject,
             std::uint64_t number)
{
    Bytes info;
    ledger::append(info, ledger::as_bytes(purpose));
    ledger::append_big_endian(info, number);
    return Hash::of(ledger::hkdf_sha256(key.view(), subject, info, Hash::size).view());
}

Hash subject_of(market::GpuOrder order)
{
    order.beacon_commit = {};
    order.verify.planted_root = {};
    order.verify.window_s = 0;
    return ledger::sha256(ledger::codec::encode(order));
}

}  // namespace

market::GpuOrderId order_id_of(const std::string& text)
{
    return id_of<market::GpuOrderId>(text, "order");
}

market::LeaseId lease_id_of(const std::string& text)
{
    return id_of<market::LeaseId>(text, "lease");
}

market::GpuOrder order_of(const Session& session, const market::GpuOrderId& id)
{
    auto record = session.record<market::GpuOrderRecord>(id);
    if (!record) fail(Fault::not_found, "there is no order " + ledger::to_hex0x(id.view()));
    return std::move(record->ordered);
}

market::Lease lease_of(const Session& session, const market::LeaseId& id)
{
    auto lease = session.record<market::Lease>(id);
    if (!lease) fail(Fault::not_found, "there is no lease " + ledger::to_hex0x(id.view()));
    return std::move(*lease);
}

market::LeaseMeter meter_of(const Session& session, const market::LeaseId& id,
                            const market::Lease& lease)
{
    const auto& params = session.network()->params().lease;
    return {id,           lease.tenant,     lease.provider,    lease.rate,
            lease.most_s, lease.started_ms, params.interval_s, params.starvation_s};
}

Hash beacon_secret(const ledger::SecretKey& tenant, market::GpuOrder order)
{
    return derived(tenant, "millrace/lease-beacon/v1", subject_of(std::move(order)).view(), 0);
}

Decoys decoys_of(const ledger::SecretKey& tenant, market::GpuOrder order)
{
    const auto count = order.verify.planted;
    const auto segments = market::job_segments(order.job);
    if (count == 0) return {};
    if (count > segments)
        fail(Fault::usage, "there are fewer segments than decoys: " + std::to_string(segments));
    const auto subject = subject_of(std::move(order));
    std::set<std::uint64_t> places;
    for (std::uint64_t number = 0; places.size() < count; ++number) {
        const auto drawn = derived(tenant, "millrace/decoy-place/v1", subject.view(), number);
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < 8; ++i) value = value << 8 | drawn.bytes[i];
        places.insert(value % segments);
    }
    Decoys decoys;
    std::vector<Hash> leaves;
    for (const auto segment : places) {
        const auto seed = derived(tenant, "millrace/decoy-seed/v1", subject.view(), segment);
        decoys.planted.push_back(
            {segment, seed, static_cast<std::uint32_t>(decoys.planted.size()), {}});
        leaves.push_back(market::planted_leaf(segment, market::decoy_of(seed)));
    }
    decoys.root = ledger::merkle_root(leaves);
    for (auto& each : decoys.planted) each.path = ledger::merkle_path(leaves, each.index);
    return decoys;
}

Hash jury_salt(const ledger::SecretKey& juror, const market::LeaseId& lease,
               const market::LeaseDispute& dispute)
{
    const auto about = derived(juror, "millrace/jury-segment/v1", lease.view(), dispute.segment);
    return derived(juror, "millrace/jury-salt/v1", about.view(), dispute.opened.value);
}

market::LeaseDispute dispute_of(const Session& session, const market::LeaseId& id)
{
    auto dispute = session.record<market::LeaseDispute>(id);
    if (!dispute) fail(Fault::not_found, "no jury decides about this lease");
    return std::move(*dispute);
}

std::vector<Hash> checkpoint_leaves(const ledger::SecretKey& provider, const market::LeaseId& lease,
                                    const std::vector<Hash>& commitments, std::uint64_t from,
                                    std::uint64_t to)
{
    std::vector<Hash> leaves;
    for (auto i = from; i < to; ++i) {
        leaves.push_back(ledger::merkle_leaf(commitments[i].view()));
        leaves.push_back(derived(provider, "millrace/commitment-salt/v1", lease.view(), i));
    }
    return leaves;
}

market::LeaseCheckpoint checkpoint_of(const ledger::SecretKey& provider,
                                      const market::LeaseId& lease, std::uint64_t from,
                                      const std::vector<Hash>& commitments)
{
    market::LeaseCheckpoint message{lease, from, commitments.size(), {}, commitments.back()};
    message.root = ledger::merkle_root(
        checkpoint_leaves(provider, lease, commitments, message.seg_from, message.seg_to));
    return message;
}

std::vector<Hash> commitments_in(const std::string& log)
{
    const auto bytes = read_input(log, log_bytes);
    std::map<std::uint64_t, Hash> found;
    std::istringstream lines{std::string{ledger::as_text(bytes)}};
    for (std::string line; std::getline(lines, line);) {
        const auto said = ledger::codec::parse_json(line);
        if (!said || !said->is_object() || !said->contains("segment")) continue;
        const auto& number = (*said)["segment"];
        const auto text = said->value("commitment", std::string{});
        const auto commitment = ledger::id_from_hex<Hash>(text);
        if (!number.is_number_unsigned() || !commitment)
            fail(Fault::usage, log + " says of a segment what cannot be read");
        found[number.get<std::uint64_t>()] = *commitment;
    }
    std::vector<Hash> commitments;
    for (const auto& [segment, commitment] : found) {
        if (segment != commitments.size())
            fail(Fault::usage,
                 log + " lacks the commitment of segment " + std::to_string(commitments.size()));
        commitments.push_back(commitment);
    }
    return commitments;
}

market::SegmentOpening opening_of(const Session& session, const market::LeaseId& id,
                                  std::uint64_t segment, const std::vector<Hash>& commitments,
                                  const ledger::SecretKey& provider)
{
    const auto lease = lease_of(session, id);
    for (std::uint32_t number = 0; number < lease.checkpoints; ++number) {
        const auto checkpoint = session.record<market::CheckpointRecord>({id, number});
        if (!checkpoint || segment < checkpoint->seg_from || segment >= checkpoint->seg_to)
            continue;
        if (checkpoint->seg_to > commitments.size())
            fail(Fault::usage, "the log ends before segment " + std::to_string(checkpoint->seg_to));
        const auto leaves =
            checkpoint_leaves(provider, id, commitments, checkpoint->seg_from, checkpoint->seg_to);
        if (ledger::merkle_root(leaves) != checkpoint->root)
            fail(Fault::refused, "checkpoint " + std::to_string(number) +
                                     " committed to something else than this log says");
        return {segment, number, commitments[segment],
                ledger::merkle_path(leaves, 2 * (segment - checkpoint->seg_from))};
    }
    fail(Fault::not_found, "no checkpoint holds segment " + std::to_string(segment));
}

}  // namespace wallet::cli

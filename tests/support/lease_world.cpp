#include "tests/support/lease_world.hpp"

#include "ledger/crypto/merkle.hpp"
#include "market/rules/lease_rules.hpp"
#include "market/rules/verify_rules.hpp"

#include <stdexcept>

namespace market {
namespace {

void accepted(Rejection outcome, std::string_view what)
{
    if (outcome != Rejection::none)
        throw std::runtime_error{std::string{what} + ": " +
                                 std::string{ledger::codec::enum_name(outcome)}};
}

Hash seed_of(std::uint64_t segment)
{
    return MarketWorld::hash_of("decoy of " + std::to_string(segment));
}

std::vector<Hash> leaves_of(const std::vector<std::uint64_t>& at)
{
    std::vector<Hash> leaves;
    for (const auto segment : at)
        leaves.push_back(planted_leaf(segment, decoy_of(seed_of(segment))));
    return leaves;
}

}  // namespace

ledger::Genesis LeaseWorld::genesis(ledger::AssetKind kind)
{
    auto made = MarketWorld::genesis(kind);
    auto& lease = made.params.lease;
    lease.t_move_s = 100;
    lease.t_jury_s = 50;
    lease.window_s = 400;
    lease.samples = samples;
    lease.bond_bps = {10'000};
    lease.jury = 5;
    lease.min_stake = Amount::micros(10'000);
    lease.dispute_bond = Amount::micros(1'000);
    return made;
}

LeaseWorld::LeaseWorld(ledger::AssetKind kind) : LeaseWorld{genesis(kind)} {}

LeaseWorld::LeaseWorld(ledger::Genesis document) : MarketWorld{std::move(document)}
{
    for (const auto* name : {"tia", "pol", "dora"}) fund(name, 1'000'000);
    for (std::size_t i = 0; i < verifiers; ++i) fund("v" + std::to_string(i), 100'000);
}

GpuOffer LeaseWorld::offering() const
{
    GpuOffer made;
    made.device = {"H200", 143'000, 1, "570.1", "eu"};
    made.profile = {60'000, 4'800'000, arch, true, {}};
    made.rate = Amount::micros(rate);
    made.min_s = 60;
    made.max_s = 3'600;
    made.bond = Amount::micros(100);
    made.expires = now_s() + 86'400;
    return made;
}

GpuOrder LeaseWorld::ordering(JobKind kind) const
{
    GpuOrder made;
    made.need.memory_mib = 80'000;
    made.need.count = 1;
    made.image_hash = hash_of("image");
    made.job.kind = kind;
    made.max_rate = Amount::micros(12);
    made.escrow = Amount::micros(escrow);
    made.reclaim_s = 60;
    made.expires = now_s() + 3'600;
    if (kind == JobKind::raw) return made;
    made.job.graph = hash_of("graph");
    made.job.segment_steps = 10;
    made.job.total_steps = 10 * segments;
    made.verify.samples = samples;
    made.verify.fee = Amount::micros(fee);
    made.verify.arch_class = arch;
    made.beacon_commit = ledger::sha256(secret().view());
    return made;
}

GpuBid LeaseWorld::bidding(const GpuOrderId& order, const GpuOfferId& offer,
                           std::uint64_t of_rate) const
{
    GpuBid made;
    made.order = order;
    made.offer = offer;
    made.rate = Amount::micros(of_rate);
    made.start_by = now_s() + 600;
    const auto known = view().find<GpuOrderRecord>(order);
    made.deposit = *(known ? known->ordered.max_rate : made.rate).times(30);
    made.bond = Amount::micros(escrow);
    made.reclaim_s = 60;
    return made;
}

LeaseClaim LeaseWorld::claim(const LeaseId& id, std::uint64_t seconds) const
{
    const LeaseVoucher voucher{id, seconds, Amount::micros(rate * seconds)};
    return {id, seconds, sign("tia", voucher_digest(network(), voucher))};
}

GpuOfferId LeaseWorld::offer(const GpuOffer& message)
{
    accepted(apply("pol", message), "GpuOffer");
    return ledger::retag<GpuOfferId>(last_tx());
}

GpuOrderId LeaseWorld::order(const GpuOrder& message)
{
    accepted(apply("tia", message), "GpuOrder");
    return ledger::retag<GpuOrderId>(last_tx());
}

GpuBidId LeaseWorld::bid(const GpuBid& message)
{
    accepted(apply("pol", message), "GpuBid");
    return ledger::retag<GpuBidId>(last_tx());
}

LeaseId LeaseWorld::accept(const GpuOrderId& order, const GpuBidId& bid)
{
    accepted(apply("tia", LeaseAccept{order, bid}), "LeaseAccept");
    return ledger::retag<LeaseId>(last_tx());
}

LeaseId LeaseWorld::start(const GpuOrder& message)
{
    const auto offered = offer();
    const auto ordered = order(message);
    const auto id = accept(ordered, bid(bidding(ordered, offered)));
    accepted(apply("pol", LeaseStart{id, hash_of("environment"), hash_of("c_0"), {1, 2, 3}}),
             "LeaseStart");
    return id;
}

Hash LeaseWorld::true_result(std::uint64_t segment)
{
    return hash_of("state after " + std::to_string(segment));
}

Hash LeaseWorld::fake_result(std::uint64_t segment)
{
    return hash_of("made up for " + std::to_string(segment));
}

void LeaseWorld::checkpoint(const LeaseId& id, std::uint64_t to,
                            const std::set<std::uint64_t>& faked)
{
    const auto from = lease(id).segments;
    auto& committed = committed_[id];
    for (auto segment = from; segment < to; ++segment)
        committed.push_back(faked.contains(segment) ? fake_result(segment) : true_result(segment));
    const auto first = committed.begin() + static_cast<std::ptrdiff_t>(from);
    const auto root = ledger::merkle_root(salted_leaves({first, committed.end()}));
    accepted(apply("pol", LeaseCheckpoint{id, from, to, root, {}}), "LeaseCheckpoint");
}

SegmentOpening LeaseWorld::opening(const LeaseId& id, std::uint64_t segment) const
{
    const auto& committed = committed_.at(id);
    for (std::uint32_t number = 0; number < lease(id).checkpoints; ++number) {
        const auto record = view().get<CheckpointRecord>({id, number});
        if (segment < record.seg_from || segment >= record.seg_to) continue;
        const auto start = committed.begin();
        const auto leaves = salted_leaves({start + static_cast<std::ptrdiff_t>(record.seg_from),
                                           start + static_cast<std::ptrdiff_t>(record.seg_to)});
        return {segment, number, committed.at(segment),
                ledger::merkle_path(leaves, 2 * (segment - record.seg_from))};
    }
    return {segment, 0, {}, {}};
}

std::vector<Hash> LeaseWorld::salted_leaves(const std::vector<Hash>& commitments)
{
    std::vector<Hash> leaves;
    for (const auto& commitment : commitments) {
        leaves.push_back(ledger::merkle_leaf(commitment.view()));
        leaves.push_back(hash_of("salt " + std::to_string(leaves.size())));
    }
    return leaves;
}

void LeaseWorld::close(const LeaseId& id)
{
    accepted(apply("tia", LeaseClose{id, CloseReason::done}), "LeaseClose");
    begin_block();
}

void LeaseWorld::join(std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i)
        accepted(apply("v" + std::to_string(i), VerifierJoin{arch, Amount::micros(stake)}),
                 "VerifierJoin");
    begin_block();
}

void LeaseWorld::assign(const LeaseId& id)
{
    accepted(apply("tia", VerifyAssign{id, secret()}), "VerifyAssign");
}

LeaseId LeaseWorld::assigned(const GpuOrder& message, const std::set<std::uint64_t>& faked)
{
    const auto id = start(message);
    checkpoint(id, segments, faked);
    close(id);
    assign(id);
    return id;
}

void LeaseWorld::plant(GpuOrder& message, const std::vector<std::uint64_t>& at)
{
    message.verify.planted = static_cast<std::uint32_t>(at.size());
    message.verify.planted_root = ledger::merkle_root(leaves_of(at));
}

PlantedSegment LeaseWorld::planted(const std::vector<std::uint64_t>& at, std::size_t index)
{
    return {at.at(index), seed_of(at[index]), static_cast<std::uint32_t>(index),
            ledger::merkle_path(leaves_of(at), index)};
}

void LeaseWorld::report(const LeaseId& id, const std::map<std::uint64_t, Hash>& instead)
{
    for (const auto& slot : slots(id)) {
        const auto other = instead.find(slot.segment);
        const auto result = other == instead.end() ? true_result(slot.segment) : other->second;
        accepted(apply_as(slot.verifier, VerifyReport{id, slot.segment, result, {}}),
                 "VerifyReport");
    }
}

void LeaseWorld::open_all(const LeaseId& id)
{
    VerifyReveal reveal{id, {}, {}};
    for (const auto& slot : slots(id))
        if (slot.reported && !slot.opened) reveal.openings.push_back(opening(id, slot.segment));
    accepted(apply("pol", reveal), "VerifyReveal");
}

std::vector<Address> LeaseWorld::jury(const LeaseId& id)
{
    if (!dispute(id).drawn) accepted(apply("dora", LeaseSettle{id}), "the draw of a jury");
    std::vector<Address> accounts;
    for (const auto& juror : dispute(id).jurors) accounts.push_back(juror.account);
    return accounts;
}

void LeaseWorld::vote(const LeaseId& id, const Hash& result)
{
    vote(id, std::vector<Hash>(params().lease.jury, result));
}

void LeaseWorld::vote(const LeaseId& id, const std::vector<Hash>& results)
{
    const auto segment = dispute(id).segment;
    const auto salt = hash_of("salt");
    const auto jurors = jury(id);
    const auto count = std::min(jurors.size(), results.size());
    for (std::size_t i = 0; i < count; ++i) {
        const auto said = jury_commitment(id, segment, jurors[i], results[i], salt);
        accepted(apply_as(jurors[i], JuryCommit{id, segment, said}), "JuryCommit");
    }
    pass_s(params().lease.t_jury_s);
    for (std::size_t i = 0; i < count; ++i)
        accepted(apply_as(jurors[i], JuryReveal{id, segment, results[i], salt}), "JuryReveal");
}

std::string LeaseWorld::name_of(const Address& account)
{
    for (std::size_t i = 0; i < verifiers; ++i)
        if (auto name = "v" + std::to_string(i); address_of(name) == account) return name;
    return {};
}

}  // namespace market

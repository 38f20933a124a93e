#include "ledger/consensus/records.hpp"

#include "ledger/codec/binary.hpp"

#include <algorithm>

namespace ledger::consensus {
namespace {

template <std::size_t I = 0>
Result<Record> decode_record_as(std::size_t index, ByteView bytes)
{
    if constexpr (I == std::variant_size_v<Record>) {
        return Error{ErrorKind::corrupt, "unknown record type"};
    } else {
        if (index != I) return decode_record_as<I + 1>(index, bytes);
        auto value = codec::decode<std::variant_alternative_t<I, Record>>(bytes);
        if (!value) return Error{ErrorKind::corrupt, value.error().detail};
        return Record{std::move(*value)};
    }
}

/// Takes records in their order and keeps what still matters.
struct Replay {
    Durable& state;

    std::uint64_t epoch() const { return state.base.epoch; }
    void signed_at(std::uint64_t at_epoch, View view)
    {
        state.signed_up_to = std::max(state.signed_up_to, SignedUpTo{at_epoch, view});
    }

    void operator()(const Vote& vote)
    {
        signed_at(vote.epoch, vote.view);
        if (vote.epoch == epoch()) state.votes.try_emplace({vote.view, vote.kind}, vote);
    }
    void operator()(const OwnProposal& proposal)
    {
        const auto& header = proposal.message.header;
        signed_at(header.epoch, header.view);
        if (header.epoch != epoch()) return;
        state.proposals.try_emplace(header.view, proposal);
        state.blocks.try_emplace(block_id(header),
                                 BlockData{header, proposal.message.justification, proposal.body});
    }
    void operator()(const BlockData& block)
    {
        if (block.header.epoch == epoch()) state.blocks.try_emplace(block_id(block.header), block);
    }
    void operator()(const Certificate& certificate)
    {
        // A later one of the same view has replaced what was of a refused chain.
        if (certificate.epoch == epoch())
            state.certificates.insert_or_assign({certificate.view, certificate.kind}, certificate);
    }
    void operator()(const Finalized& final)
    {
        if (final.header.epoch != epoch() || final.certificate.view <= state.floor()) return;
        state.certificates.insert_or_assign({final.certificate.view, VoteKind::finalize},
                                            final.certificate);
        commit(final.header);
        state.base.tip = final.header;
        state.base.finalized = final.certificate;
    }
    void operator()(const EpochStart& start)
    {
        if (start.number != epoch() + 1) return;
        commit(start.seal);
        prove(start);
        state.base = {start.number, start.seal, start.set, start.seal, {}};
        state.votes.clear();
        state.proposals.clear();
        state.certificates.clear();
        state.blocks.clear();
    }
    void operator()(const ForkCut& cut)
    {
        signed_at(cut.epoch, cut.lost_to);
        if (cut.epoch == epoch()) state.silenced.clear();
    }

    /// The proof is the F that ended the epoch and the headers from the seal up to its block.
    void prove(const EpochStart& start)
    {
        const auto seal = block_id(start.seal);
        for (const auto& [key, certificate] : state.certificates) {
            if (key.second != VoteKind::finalize) continue;
            std::vector<Header> path;
            auto at = state.blocks.find(certificate.id);
            for (; at != state.blocks.end(); at = state.blocks.find(path.back().parent_id)) {
                path.push_back(at->second.header);
                if (at->first == seal) break;
            }
            if (at == state.blocks.end()) continue;
            std::reverse(path.begin(), path.end());
            state.proofs.push_back({std::move(path), certificate, start.set});
            return;
        }
    }

    /// The blocks from behind the tip up to this one, oldest first.
    void commit(const Header& newest)
    {
        const auto tip = block_id(state.base.tip);
        std::vector<Commit> path;
        for (auto id = block_id(newest); id != tip;) {
            const auto found = state.blocks.find(id);
            if (found == state.blocks.end()) break;  // older than the base: applied already
            const auto& header = found->second.header;
            path.push_back({id, found->second, {}});
            const auto own = state.certificates.find({header.view, VoteKind::finalize});
            if (own != state.certificates.end() && own->second.id == id)
                path.back().certificate = own->second;
            id = header.parent_id;
        }
        std::reverse(path.begin(), path.end());
        for (auto& block : path)
            if (block.block.header.height > state.base.tip.height)
                state.commits.push_back(std::move(block));
    }
};

void forget_settled(Durable& state)
{
    const auto floor = state.floor();
    std::erase_if(state.votes, [&](const auto& item) { return item.first.first <= floor; });
    std::erase_if(state.certificates, [&](const auto& item) { return item.first.first <= floor; });
    std::erase_if(state.proposals, [&](const auto& item) { return item.first <= floor; });
    std::erase_if(state.blocks, [&](const auto& item) { return item.second.header.view <= floor; });
}

}  // namespace

std::uint8_t record_type(const Record& record)
{
    return static_cast<std::uint8_t>(RecordTypes::first + record.index());
}

Bytes encode_record(const Record& record)
{
    return std::visit([](const auto& value) { return codec::encode(value); }, record);
}

Result<Record> decode_record(std::uint8_t type, ByteView payload)
{
    if (type < RecordTypes::first) return Error{ErrorKind::corrupt, "unknown record type"};
    return decode_record_as(type - std::size_t{RecordTypes::first}, payload);
}

std::vector<Record> Durable::snapshot() const
{
    std::vector<Record> records;
    for (const auto& [id, block] : blocks) records.emplace_back(block);
    for (const auto& [view, proposal] : proposals) records.emplace_back(proposal);
    for (const auto& [key, certificate] : certificates) records.emplace_back(certificate);
    for (const auto& [key, vote] : votes) records.emplace_back(vote);
    return records;
}

Durable recover(const Base& base, std::span<const Record> records, const LogReport& report,
                const SignedUpTo& signed_up_to)
{
    Durable state;
    state.base = base;
    if (report.missing)
        state.silenced = "the log is missing";
    else if (report.damaged)
        state.silenced = "the log is damaged";
    Replay replay{state};
    for (const auto& record : records) std::visit(replay, record);
    // What was signed up to the floor is settled, and its records may be gone.
    const SignedUpTo settled{state.base.epoch, state.floor()};
    if (state.silenced.empty() && std::max(state.signed_up_to, settled) < signed_up_to)
        state.silenced = "the log ends before the last known signature";
    state.signed_up_to = std::max(state.signed_up_to, signed_up_to);
    forget_settled(state);
    return state;
}

}  // namespace ledger::consensus

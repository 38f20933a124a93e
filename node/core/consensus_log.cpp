#include "node/core/consensus_log.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/binary.hpp"
#include "ledger/consensus/fork_cut.hpp"

namespace node {

using namespace ledger;
using namespace ledger::consensus;

namespace {

constexpr const char* signed_meta = "signed_up_to";
/// That this node has had a log: from then on one that is not there has been lost.
constexpr const char* begun_meta = "log_begun";

struct SignedMeta {
    std::uint64_t epoch{};
    std::uint64_t view{};
};
MILLRACE_DESCRIBE(SignedMeta, (epoch, view))

std::string silenced_meta(const ConsensusKey& key)
{
    return "silenced/" + to_hex(key.view());
}

Result<SignedUpTo> read_signed_up_to(const BlockStore& store)
{
    const auto bytes = store.get_meta(signed_meta);
    if (!bytes) return bytes.error();
    if (!*bytes) return SignedUpTo{};
    const auto meta = codec::decode<SignedMeta>(**bytes);
    if (!meta) return Error{ErrorKind::corrupt, "what this key has signed up to"};
    return SignedUpTo{meta->epoch, meta->view};
}

Result<std::string> read_silence(const BlockStore& store, const std::optional<ConsensusKey>& key)
{
    return key ? silence_of(store, *key) : std::string{};
}

Result<void> write_silence(const ConsensusLogParts& parts, const std::string& why)
{
    if (!parts.key) return {};
    if (const auto done = silence(parts.store, *parts.key, why); !done) return done;
    return parts.chain.checkpoint();
}

/// Moves every file of the log to the first free folder beside it.
Result<std::string> set_aside(const ConsensusLogParts& parts)
{
    const auto names = parts.disk.list(parts.folder);
    if (!names) return names.error();
    for (unsigned n = 1;; ++n) {
        const auto aside = parts.folder + ".damaged-" + std::to_string(n);
        if (const auto made = parts.disk.make_folder(aside); !made) return made.error();
        const auto there = parts.disk.list(aside);
        if (!there) return there.error();
        if (!there->empty()) continue;
        for (const auto& name : *names)
            if (const auto done = parts.disk.rename(parts.folder + "/" + name, aside + "/" + name);
                !done)
                return done.error();
        if (const auto done = parts.disk.sync_folder(aside); !done) return done.error();
        if (const auto done = parts.disk.sync_folder(parts.folder); !done) return done.error();
        return aside;
    }
}

struct Read {
    std::unique_ptr<Log> log;  ///< null where it cannot be used
    std::vector<Record> records;
    Error wrong{};
};

/// The log as it is; where it cannot be used, what could be read of it.
Result<Read> read_log(const ConsensusLogParts& parts)
{
    Read read;
    const auto begun = parts.store.get_meta(begun_meta);
    if (!begun) return begun.error();
    if (const auto made = parts.disk.make_folder(parts.folder); !made) return made.error();
    const auto names = parts.disk.list(parts.folder);
    if (!names) return names.error();
    if (*begun && names->empty()) {
        read.wrong = {ErrorKind::corrupt, parts.folder + ": the log is missing"};
        return read;
    }
    const auto keep = [&](const LogRecord& record) -> Result<void> {
        auto decoded = decode_record(record.type, record.payload);
        if (!decoded) return decoded.error();
        read.records.push_back(std::move(*decoded));
        return {};
    };
    auto opened = Log::open(parts.disk, parts.folder, parts.limits,
                            {parts.store.applied_seq(), parts.random.next_u64()}, keep);
    if (opened) {
        read.log = std::move(*opened);
        return read;
    }
    if (opened.error().kind != ErrorKind::corrupt) return opened.error();
    read.wrong = opened.error();
    return read;
}

/// Once, before anything is signed under this log.
Result<void> note_begun(const ConsensusLogParts& parts)
{
    const auto begun = parts.store.get_meta(begun_meta);
    if (!begun) return begun.error();
    if (*begun) return {};
    if (const auto done = parts.store.put_meta(begun_meta, as_bytes(std::string_view{"1"})); !done)
        return done;
    return parts.chain.checkpoint();
}

Result<std::unique_ptr<Log>> begin_log(const ConsensusLogParts& parts)
{
    return Log::open(parts.disk, parts.folder, parts.limits,
                     {parts.store.applied_seq(), parts.random.next_u64(), true}, {});
}

/// Executes and stores what is final by the log and not in the store yet.
Result<void> apply(const ConsensusLogParts& parts, const Durable& durable, std::uint64_t seq)
{
    for (const auto& proof : durable.proofs)
        if (const auto done = parts.chain.keep(proof); !done) return done;
    for (const auto& commit : durable.commits) {
        const auto& block = commit.block;
        if (const auto done = parts.application.execute_again(block.header, block.body); !done)
            return Error{ErrorKind::corrupt, "log: " + done.error().detail};
        const auto stored = parts.chain.commit(commit.id, block.body, commit.certificate, seq);
        if (!stored) return stored.error();
    }
    if (block_id(durable.base.tip) != parts.chain.head().id)
        return Error{ErrorKind::corrupt, "the log does not lead from the store to its own end"};
    return {};
}

}  // namespace

Result<std::string> silence_of(const BlockStore& store, const ConsensusKey& key)
{
    const auto bytes = store.get_meta(silenced_meta(key));
    if (!bytes) return bytes.error();
    return *bytes ? std::string{(*bytes)->begin(), (*bytes)->end()} : std::string{};
}

Result<void> silence(BlockStore& store, const ConsensusKey& key, const std::string& why)
{
    return store.put_meta(silenced_meta(key), as_bytes(why));
}

Result<RecoveredLog> open_consensus_log(const ConsensusLogParts& parts)
{
    const auto signed_up_to = read_signed_up_to(parts.store);
    if (!signed_up_to) return signed_up_to.error();
    const auto silence = read_silence(parts.store, parts.key);
    if (!silence) return silence.error();
    const auto base = parts.chain.base();
    if (!base) return base.error();
    auto read = read_log(parts);
    if (!read) return read.error();

    RecoveredLog recovered;
    LogReport report;
    if (!read->log) {
        // Silent before anything else: a crash in between must not lead to a voter.
        const auto why = silence->empty() ? read->wrong.detail : *silence;
        if (const auto done = write_silence(parts, why); !done) return done.error();
        const auto aside = set_aside(parts);
        if (!aside) return aside.error();
        recovered.trouble = read->wrong.detail + "; it lies in " + *aside + " now";
        auto begun = begin_log(parts);
        if (!begun) return begun.error();
        read->log = std::move(*begun);
        read->records.clear();
        report.damaged = true;
    }
    recovered.log = std::move(read->log);
    recovered.durable = recover(*base, read->records, report, *signed_up_to);
    auto& durable = recovered.durable;
    if (!silence->empty()) durable.silenced = *silence;
    if (!parts.key) durable.silenced.clear();
    if (const auto done = apply(parts, durable, recovered.log->next_seq() - 1); !done)
        return done.error();
    if (!durable.silenced.empty() && silence->empty())
        if (const auto done = write_silence(parts, durable.silenced); !done) return done.error();
    if (!durable.silenced.empty() && recovered.trouble.empty())
        recovered.trouble = durable.silenced;
    if (const auto done = note_begun(parts); !done) return done.error();
    return recovered;
}

Result<std::unique_ptr<Log>> replay_log(const ConsensusLogParts& parts)
{
    const auto base = parts.chain.base();
    if (!base) return base.error();
    auto read = read_log(parts);
    if (!read) return read.error();
    if (!read->log) return read->wrong;
    const auto durable = recover(*base, read->records, {}, {});
    if (const auto done = apply(parts, durable, read->log->next_seq() - 1); !done)
        return done.error();
    return std::move(read->log);
}

Result<ForkRiskReport> accept_fork_risk(const ConsensusLogParts& parts, const Signer& signer,
                                        const Verifier& verifier)
{
    const auto signed_up_to = read_signed_up_to(parts.store);
    if (!signed_up_to) return signed_up_to.error();
    const auto silence = read_silence(parts.store, signer.key());
    if (!silence) return silence.error();
    const auto base = parts.chain.base();
    if (!base) return base.error();
    if (base->set.size() != 1)
        return Error{ErrorKind::denied, "with more than one validator the others decide"};
    auto read = read_log(parts);
    if (!read) return read.error();
    const auto found = recover(*base, read->records, {}, *signed_up_to);
    if (read->log && silence->empty() && found.silenced.empty())
        return Error{ErrorKind::invalid, "the log is well: there is nothing to recover"};
    read->log.reset();

    const auto cut =
        consensus::accept_fork_risk(*base, found.commits, found.signed_up_to, signer, verifier);
    if (!cut) return cut.error();
    if (const auto aside = set_aside(parts); !aside) return aside.error();
    const auto log = begin_log(parts);
    if (!log) return log.error();
    ForkRiskReport report{base->tip.height, 0};
    for (const auto& record : *cut) {
        if (const auto* final = std::get_if<Finalized>(&record))
            report.height = final->header.height;
        if (const auto* lost = std::get_if<ForkCut>(&record)) report.nullified_to = lost->lost_to;
        const auto seq = (*log)->append(record_type(record), encode_record(record));
        if (!seq) return seq.error();
    }
    if (const auto done = (*log)->sync(); !done) return done.error();
    // The cut is in the log; from here on the key may speak again.
    if (const auto done = parts.store.put_meta(silenced_meta(signer.key()), {}); !done)
        return done.error();
    if (const auto done = parts.chain.checkpoint(); !done) return done.error();
    if (const auto done = (*log)->close(); !done) return done.error();
    return report;
}

Result<void> write_checkpoint(Log& log, BlockStore& store, Chain& chain, const Durable& durable)
{
    const auto& known = durable.signed_up_to;
    if (const auto done =
            store.put_meta(signed_meta, codec::encode(SignedMeta{known.epoch, known.view}));
        !done)
        return done;
    if (log.segment_count() > 1) {
        for (const auto& record : durable.snapshot()) {
            const auto seq = log.append(record_type(record), encode_record(record));
            if (!seq) return seq.error();
        }
        if (const auto done = log.sync(); !done) return done;
    }
    if (const auto done = chain.checkpoint(); !done) return done;
    return log.free_through(store.applied_seq());
}

}  // namespace node

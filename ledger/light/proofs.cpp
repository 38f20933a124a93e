#include "ledger/light/proofs.hpp"

#include "ledger/codec/binary.hpp"
#include "ledger/codec/json.hpp"

#include <span>

namespace ledger::light {
namespace {

Error too_long(const char* what)
{
    return {ErrorKind::full, std::string{"proof: "} + what};
}

/// Fields of another version might mean something else.
Result<void> check_headers(std::span<const Header> headers)
{
    if (headers.size() > ProofLimits::headers) return too_long("too many headers");
    for (const auto& header : headers)
        if (header.version != 1) return Error{ErrorKind::invalid, "proof: unknown header version"};
    return {};
}

Result<void> check_path(const std::vector<Hash>& path)
{
    if (path.size() > ProofLimits::path_hashes) return too_long("too many hashes");
    return {};
}

Result<void> check_bounds(const Finality& proof)
{
    if (const auto done = check_headers({&proof.header, 1}); !done) return done;
    return check_headers(proof.descendants);
}

Result<void> check_bounds(const StateProofAt& proof)
{
    if (proof.key.size() > ProofLimits::key_bytes) return too_long("the key is too long");
    return check_bounds(proof.finality);
}

Result<void> check_bounds(const ReceiptProof& proof)
{
    if (const auto done = check_path(proof.path); !done) return done;
    return check_bounds(proof.finality);
}

Result<void> check_bounds(const BlockProof& proof)
{
    if (const auto done = check_path(proof.path); !done) return done;
    if (const auto done = check_headers({&proof.header, 1}); !done) return done;
    return check_bounds(proof.newer);
}

Result<void> check_bounds(const EpochProofs& proof)
{
    if (proof.seals.size() > ProofLimits::seals) return too_long("too many seals");
    for (const auto& seal : proof.seals)
        if (const auto done = check_headers(seal.path); !done) return done;
    return {};
}

template <class Proof>
Result<Proof> bounded(Result<Proof> read)
{
    if (!read) return read;
    if (const auto done = check_bounds(*read); !done) return done.error();
    return read;
}

}  // namespace

template <class Proof>
Bytes encode_proof(const Proof& proof)
{
    return codec::encode(proof);
}

template <class Proof>
Result<Proof> decode_proof(ByteView bytes)
{
    if (bytes.size() > ProofLimits::proof_bytes) return too_long("too many bytes");
    return bounded(codec::decode<Proof>(bytes));
}

template <class Proof>
nlohmann::json proof_json(const Proof& proof)
{
    return codec::to_json(proof);
}

template <class Proof>
Result<Proof> proof_from_json(const nlohmann::json& json)
{
    return bounded(codec::from_json<Proof>(json));
}

#define MILLRACE_PROOF(Proof)                                \
    template Bytes encode_proof<Proof>(const Proof&);        \
    template Result<Proof> decode_proof<Proof>(ByteView);    \
    template nlohmann::json proof_json<Proof>(const Proof&); \
    template Result<Proof> proof_from_json<Proof>(const nlohmann::json&);

MILLRACE_PROOF(Finality)
MILLRACE_PROOF(StateProofAt)
MILLRACE_PROOF(ReceiptProof)
MILLRACE_PROOF(BlockProof)
MILLRACE_PROOF(EpochProofs)

#undef MILLRACE_PROOF

}  // namespace ledger::light

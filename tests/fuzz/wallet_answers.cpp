// What a host says to a payer: x402 headers, and answers with proofs.
#include "ledger/base/ensure.hpp"
#include "ledger/codec/json.hpp"
#include "wallet/client/base64.hpp"
#include "wallet/client/proofs.hpp"
#include "wallet/client/x402.hpp"

namespace {

/// A network without anything in it: reading does not depend on what is.
const market::Network& network()
{
    static const market::Network made{[] {
                                          ledger::Genesis genesis;
                                          genesis.chain_id = {402'077};
                                          genesis.asset.name = "Mill";
                                          genesis.asset.version = "1";
                                          return genesis;
                                      }(),
                                      {}};
    return made;
}

/// What is read as a proof is written as one that reads the same.
template <class Proof>
void read_proof(const nlohmann::json& answer)
{
    const auto proof = ledger::light::proof_from_json<Proof>(answer);
    if (!proof) return;
    const auto again = ledger::light::proof_from_json<Proof>(ledger::light::proof_json(*proof));
    ledger::ensure(again && *again == *proof, "a proof's JSON says all of it");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const ledger::ByteView bytes{data, size};
    const auto header = wallet::to_base64(bytes);
    const auto back = wallet::from_base64(header);
    ledger::ensure(back && std::equal(back->begin(), back->end(), bytes.begin(), bytes.end()),
                   "base64 gives back what it was given");
    if (const auto required = wallet::x402::read_required(header, network()))
        for (const auto& offer : required->offers)
            ledger::ensure(!offer.amount.is_zero(), "an offer has a price");
    (void)wallet::x402::read_response(header);
    (void)wallet::x402::read_required(ledger::as_text(bytes), network());
    if (const auto answer = ledger::codec::parse_json(ledger::as_text(bytes))) {
        read_proof<ledger::light::Finality>(*answer);
        read_proof<ledger::light::StateProofAt>(*answer);
        read_proof<ledger::light::ReceiptProof>(*answer);
        read_proof<ledger::light::BlockProof>(*answer);
        read_proof<ledger::light::EpochProofs>(*answer);
    }
    return 0;
}

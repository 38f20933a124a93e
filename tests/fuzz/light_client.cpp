// Proofs of strangers against a known network. The first byte chooses the kind of proof, the second
// the checkpoint: what is taken must be true of that network, whatever it was made of.
#include "ledger/light/light_client.hpp"
#include "ledger/base/ensure.hpp"
#include "ledger/consensus/signing.hpp"
#include "tests/fuzz/light_network.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace {

using namespace ledger;
using namespace ledger::light;

const LightWorld& world()
{
    static const LightWorld made = fuzz_network();
    return made;
}

void ensure_final(const Result<FinalBlock>& block)
{
    if (!block) return;
    ensure(block->header.height <= world().tip() && block->id == world().id(block->header.height) &&
               block_id(block->header) == block->id,
           "only blocks of the network are shown to be final");
}

template <class Proof>
Result<Proof> read(ByteView bytes)
{
    auto proof = decode_proof<Proof>(bytes);
    if (proof)
        ensure(encode_proof(*proof) == Bytes(bytes.begin(), bytes.end()),
               "a proof has one encoding");
    return proof;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 2) return 0;
    const consensus::SchnorrVerifier schnorr;
    const ByteView bytes{data + 2, size - 2};
    auto light = *LightClient::begin(world().checkpoint(data[1] % (world().epoch() + 1)),
                                     world().genesis().chain_id, world().id({0}), schnorr);
    switch (data[0] % 6) {
        case 0:
            if (const auto proof = read<Finality>(bytes)) ensure_final(light.check(*proof));
            break;
        case 1:
            if (const auto proof = read<BlockProof>(bytes)) ensure_final(light.check(*proof));
            break;
        case 2:
            if (const auto proof = read<StateProofAt>(bytes)) {
                const auto block = light.check(*proof, proof->key);
                ensure_final(block);
                if (!block) break;
                const auto is_there = block->header.height.value > 0 && proof->key.size() == 2 &&
                                      proof->key[0] == 'k' && proof->key[1] < 16;
                ensure(proof->value.has_value() == is_there, "what is there is shown as it is");
                ensure(!is_there || *proof->value == Bytes{proof->key[1], proof->key[1]},
                       "no other value is shown");
            }
            break;
        case 3:
            if (const auto proof = read<ReceiptProof>(bytes)) {
                const auto block = light.check(*proof);
                ensure_final(block);
                if (!block) break;
                const auto height = block->header.height;
                ensure(proof->index < world().header(height).tx_count &&
                           proof->receipt == world().receipt(height, proof->index).receipt,
                       "no other receipt is shown");
            }
            break;
        case 4:
            if (const auto proof = read<EpochProofs>(bytes)) {
                const auto before = light.epoch();
                const bool is_taken = light.follow(*proof).has_value();
                ensure(light.epoch() == before + (is_taken ? proof->seals.size() : 0),
                       "all seals are followed or none");
                ensure(light.checkpoint() == world().checkpoint(light.epoch()),
                       "seals lead to the epochs of the network");
            }
            break;
        default:
            if (const auto read_back = decode_checkpoint(bytes))
                ensure(encode_checkpoint(*read_back) == Bytes(bytes.begin(), bytes.end()),
                       "a checkpoint has one encoding");
            break;
    }
    return 0;
}

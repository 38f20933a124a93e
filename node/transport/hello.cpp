#include "node/transport/hello.hpp"

#include "ledger/codec/binary.hpp"

namespace node {

ledger::Bytes encode_hello(const Hello& hello)
{
    return ledger::codec::encode(hello);
}

ledger::Result<Hello> decode_hello(ledger::ByteView bytes)
{
    Hello other;
    ledger::codec::Reader reader{bytes};
    if (reader.get(other.version) && other.version != transport_version) return other;
    return ledger::codec::decode<Hello>(bytes);
}

std::optional<HelloFault> judge_hello(const Hello& ours, const ledger::PublicKey& our_key,
                                      const Hello& theirs, const ledger::PublicKey& their_key)
{
    if (theirs.version != ours.version) return HelloFault::other_version;
    if (theirs.chain_id != ours.chain_id) return HelloFault::other_chain;
    if (theirs.genesis != ours.genesis) return HelloFault::other_genesis;
    if (theirs.nonce == ours.nonce) return HelloFault::self_connection;
    if (their_key == our_key) return HelloFault::same_key;
    return {};
}

bool new_connection_stays(const ledger::PublicKey& ours, const ledger::PublicKey& theirs,
                          bool we_dialled_old, bool we_dialled_new)
{
    if (we_dialled_old == we_dialled_new) return true;
    return we_dialled_new == (ours < theirs);
}

}  // namespace node

#include "ledger/sealing/batch_key.hpp"

#include "ledger/base/big_endian.hpp"
#include "ledger/crypto/hkdf.hpp"

namespace ledger::sealing {

SecretBytes data_key(const SecretKey& batch, const Hash& dataset)
{
    return hkdf_sha256(batch.view(), dataset.view(), as_bytes("millrace/dek/v1"), 32);
}

SecretBytes chunk_key(const SecretBytes& data_key, std::uint64_t index)
{
    Bytes info;
    append(info, as_bytes("chunk"));
    append_big_endian(info, index);
    return hkdf_sha256(data_key.view(), {}, info, 32);
}

Result<Bytes> wrap(const SecretKey& batch, const Hash& dataset, const X25519PublicKey& master,
                   Random& random)
{
    return hpke_seal(master, dataset.view(), {}, batch.view(), random);
}

Result<SecretKey> unwrap(ByteView wrapped, const Hash& dataset, const X25519Key& master)
{
    if (wrapped.size() != wrap_bytes) return invalid("a wrapped key has 80 bytes");
    const auto scalar = hpke_open(master, dataset.view(), {}, wrapped);
    if (!scalar) return scalar.error();
    return SecretKey::from_bytes(scalar->view());
}

}  // namespace ledger::sealing

// What every transaction, vote and tree node costs before anything else happens. Rates are per
// CPU-second, as the machines are shared.
#include "ledger/crypto/aead.hpp"
#include "ledger/crypto/hash.hpp"
#include "ledger/crypto/merkle.hpp"
#include "ledger/crypto/secp256k1.hpp"

#include <benchmark/benchmark.h>

namespace ledger {
namespace {

void hash_sha256(benchmark::State& run)
{
    const Bytes data(static_cast<std::size_t>(run.range(0)), 7);
    for (auto _ : run) benchmark::DoNotOptimize(sha256(data));
    run.SetBytesProcessed(run.iterations() * run.range(0));
    run.SetItemsProcessed(run.iterations());
}
BENCHMARK(hash_sha256)->Name("crypto/sha256/bytes")->Arg(64)->Arg(200)->Arg(1 << 20);

void hash_keccak256(benchmark::State& run)
{
    const Bytes data(static_cast<std::size_t>(run.range(0)), 7);
    for (auto _ : run) benchmark::DoNotOptimize(keccak256(data));
    run.SetItemsProcessed(run.iterations());
}
BENCHMARK(hash_keccak256)->Name("crypto/keccak256/bytes")->Arg(64)->Arg(200);

void hash_tagged(benchmark::State& run)
{
    const TaggedHasher hasher{"millrace/bench"};
    const Bytes data(64, 7);
    for (auto _ : run)
        benchmark::DoNotOptimize(run.range(0) != 0 ? hasher(data)
                                                   : tagged_sha256("millrace/bench", data));
    run.SetItemsProcessed(run.iterations());
}
BENCHMARK(hash_tagged)->Name("crypto/tagged_sha256/64_bytes/kept")->Arg(0)->Arg(1);

void tree_root(benchmark::State& run)
{
    SeededRandom random{1};
    std::vector<Hash> leaves(static_cast<std::size_t>(run.range(0)));
    for (auto& leaf : leaves) leaf = random.next<Hash>();
    for (auto _ : run) benchmark::DoNotOptimize(merkle_root(leaves));
    run.SetItemsProcessed(run.iterations() * run.range(0));
}
BENCHMARK(tree_root)->Name("crypto/merkle_root/leaves")->Arg(1000);

void sign_digest(benchmark::State& run)
{
    SeededRandom random{1};
    const auto key = SecretKey::generate(random);
    const auto digest = random.next<Hash>();
    for (auto _ : run) benchmark::DoNotOptimize(sign(key, digest));
    run.SetItemsProcessed(run.iterations());
}
BENCHMARK(sign_digest)->Name("crypto/sign");

void recover_signer(benchmark::State& run)
{
    SeededRandom random{1};
    const auto digest = random.next<Hash>();
    const auto signature = sign(SecretKey::generate(random), digest);
    for (auto _ : run) benchmark::DoNotOptimize(recover(digest, signature));
    run.SetItemsProcessed(run.iterations());
}
BENCHMARK(recover_signer)->Name("crypto/recover");

void schnorr(benchmark::State& run)
{
    SeededRandom random{1};
    const auto key = SecretKey::generate(random);
    const auto open = consensus_key(key);
    const auto message = random.next<Hash>();
    const auto signature = schnorr_sign(key, message, {});
    for (auto _ : run) {
        if (run.range(0) != 0)
            benchmark::DoNotOptimize(schnorr_verify(open, message, signature));
        else
            benchmark::DoNotOptimize(schnorr_sign(key, message, {}));
    }
    run.SetItemsProcessed(run.iterations());
}
BENCHMARK(schnorr)->Name("crypto/schnorr/verify")->Arg(0)->Arg(1);

void seal_bytes(benchmark::State& run)
{
    const Bytes key(32, 1), nonce(12, 2), plain(32 * 1024, 3);
    const auto algorithm = run.range(0) != 0 ? Aead::aes_256_gcm : Aead::chacha20_poly1305;
    for (auto _ : run) benchmark::DoNotOptimize(seal(algorithm, key, nonce, {}, plain));
    run.SetBytesProcessed(run.iterations() * static_cast<std::int64_t>(plain.size()));
}
BENCHMARK(seal_bytes)->Name("crypto/seal/32_KiB/aes")->Arg(0)->Arg(1);

}  // namespace
}  // namespace ledger

BENCHMARK_MAIN();

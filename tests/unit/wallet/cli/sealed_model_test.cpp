#include "wallet/cli/sealed_model.hpp"

#include "inference/model/inspect.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/tiny_models.hpp"
#include "wallet/sealed/seal_items.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace wallet::cli {
namespace {

void unheard(std::uint64_t) {}

/// A batch with a picture that is none, two models and a file that is longer than both.
class SealedModelTest : public testing::Test {
protected:
    void SetUp() override
    {
        put("a.png", ledger::Bytes(100, 7));
        put("b.onnx", other);
        put("c.onnx", wanted);
        put("d.bin", ledger::Bytes(300'000, 9));
        SealRequest request;
        request.items = *find_items({home.path() / "weights"});
        request.masters = {ledger::x25519_public_key(vault)};
        request.folder = home.path() / "batch";
        ASSERT_TRUE(seal_items(request, random, unheard));
    }
    void put(const std::string& name, const ledger::Bytes& bytes)
    {
        std::filesystem::create_directories(home.path() / "weights");
        std::ofstream{home.path() / "weights" / name, std::ios::binary} << ledger::as_text(bytes);
    }
    ledger::Result<ledger::Bytes> taken(const inference::ContentId& content,
                                        std::size_t most_bytes = 1 << 20)
    {
        auto batch = BatchFolder::open(home.path() / "batch");
        return model_in(*batch, *batch->unwrap(vault), content, most_bytes, unheard);
    }

    ledger::TemporaryFolder home;
    ledger::SeededRandom random{5};
    ledger::X25519Key vault = ledger::X25519Key::generate(random);
    ledger::Bytes wanted = inference::tiny::to_bytes(inference::tiny::mlp(1, 4, 3, 2));
    ledger::Bytes other = inference::tiny::to_bytes(inference::tiny::mlp(2, 4, 3, 2));
};

TEST_F(SealedModelTest, IsFoundByItsContentAmongOtherFiles)
{
    const auto found = taken(inference::inspect_model(wanted)->content_id);
    ASSERT_TRUE(found) << found.error().detail;
    EXPECT_EQ(*found, wanted);
    EXPECT_EQ(*taken(inference::inspect_model(other)->content_id), other);
}

TEST_F(SealedModelTest, IsNotFoundWhereItIsAnotherOrLongerThanWillBeTaken)
{
    const auto content = inference::inspect_model(wanted)->content_id;
    auto near = content;
    near.bytes[0] ^= 1;
    EXPECT_EQ(taken(near).error().kind, ledger::ErrorKind::not_found);
    EXPECT_EQ(taken(content, wanted.size() - 1).error().kind, ledger::ErrorKind::not_found);
    EXPECT_TRUE(taken(content, wanted.size()));
}

TEST_F(SealedModelTest, IsOpenedByNobodyWithoutTheKey)
{
    auto batch = BatchFolder::open(home.path() / "batch");
    const auto key = ledger::SecretKey::generate(random);
    const auto refused =
        model_in(*batch, key, inference::inspect_model(wanted)->content_id, 1 << 20, unheard);
    EXPECT_EQ(refused.error().kind, ledger::ErrorKind::denied);
}

}  // namespace
}  // namespace wallet::cli

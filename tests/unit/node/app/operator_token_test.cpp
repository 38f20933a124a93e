#include "node/app/operator_token.hpp"

#include "node/env/files.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

using namespace ledger;

struct OperatorTokenTest : testing::Test {
    TemporaryFolder folder;
    Home home{folder.path()};
    HttpConfig config;
    SeededRandom random{1};

    OperatorTokenTest() { EXPECT_TRUE(make_private_directory(folder.path() / "keys")); }
    std::string token()
    {
        const auto read = read_or_make_operator_token(home, config, random);
        return read ? std::string{as_text(read->view())} : read.error().detail;
    }
};

TEST_F(OperatorTokenTest, IsDrawnOnceAndKeptForTheOwnerAlone)
{
    const auto drawn = token();
    EXPECT_EQ(drawn.size(), 64u);
    EXPECT_EQ(token(), drawn);
    const auto path = folder.path() / "keys/operator.token";
    EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms{0600});
    EXPECT_TRUE(std::filesystem::remove(path));
    EXPECT_NE(token(), drawn);
}

TEST_F(OperatorTokenTest, IsRefusedWhereOthersCanReadItOrItIsTooWeak)
{
    token();
    const auto path = folder.path() / "keys/operator.token";
    std::filesystem::permissions(path, std::filesystem::perms{0644});
    EXPECT_NE(token().find("chmod 600"), std::string::npos);
    for (const auto* text : {"", "secret\n", "zz"}) {
        ASSERT_TRUE(write_file(path, as_bytes(text)));
        EXPECT_NE(token().find("is not 64 hex digits"), std::string::npos) << text;
    }
}

TEST_F(OperatorTokenTest, StandsWhereTheConfigurationSays)
{
    config.operator_token_file = (folder.path() / "elsewhere").string();
    EXPECT_EQ(token().size(), 64u);
    EXPECT_TRUE(std::filesystem::exists(folder.path() / "elsewhere"));
}

}  // namespace
}  // namespace node

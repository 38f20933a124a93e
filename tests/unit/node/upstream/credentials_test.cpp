#include "node/upstream/credentials.hpp"

#include "node/env/files.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace node {
namespace {

struct CredentialsTest : testing::Test {
    ledger::TemporaryFolder folder;
    std::filesystem::path file = folder.path() / "token";

    void write(std::string_view text, FileMode mode = FileMode::private_file) const
    {
        ASSERT_TRUE(write_file(file, ledger::as_bytes(text), mode));
    }
    std::string read(const std::string& header = "Authorization") const
    {
        const auto made = read_credentials(file, {}, header);
        return made ? std::string{ledger::as_text(made->value.view())} : made.error().detail;
    }
};

TEST_F(CredentialsTest, AreABearerTokenInAuthorizationAndBareElsewhere)
{
    write(" sk-1 \n");
    EXPECT_EQ(read(), "Bearer sk-1");
    EXPECT_EQ(read("api-key"), "sk-1");
}

TEST_F(CredentialsTest, ComeFromTheEnvironmentOrNotAtAll)
{
    ::setenv("MILLRACE_TEST_TOKEN", "sk-2", 1);
    EXPECT_EQ(
        ledger::as_text(read_credentials({}, "MILLRACE_TEST_TOKEN", "Authorization")->value.view()),
        "Bearer sk-2");
    ::unsetenv("MILLRACE_TEST_TOKEN");
    EXPECT_FALSE(read_credentials({}, "MILLRACE_TEST_TOKEN", "Authorization"));
    EXPECT_EQ(read_credentials({}, {}, "Authorization")->value.size(), 0u);
}

TEST_F(CredentialsTest, AreRefusedFromAFileThatOthersCanRead)
{
    write("sk-3", FileMode::public_file);
    const auto made = read_credentials(file, {}, "Authorization");
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, ledger::ErrorKind::denied);
    EXPECT_EQ(made.error().detail.find("sk-3"), std::string::npos);
}

TEST_F(CredentialsTest, AreOneLineOfText)
{
    for (const auto& wrong : {std::string{""}, std::string{" \n"}, std::string{"sk\r\nX: y"},
                              std::string{"sk\x7f"}, std::string(9000, 'x')}) {
        write(wrong);
        const auto said = read();
        EXPECT_EQ(said.find("sk"), std::string::npos) << said;
    }
    write("sk");
    EXPECT_EQ(read("bad header"), "the credentials' header is no name of a header");
}

}  // namespace
}  // namespace node

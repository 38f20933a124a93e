#include "tests/unit/samples/opening.hpp"

namespace samples {
namespace {

using inference::DataType;

const inference::ModelIo grey = model_of(DataType::FP32, {-1, 1, 1, 2});

ledger::Bytes picture(std::uint8_t left, std::uint8_t right)
{
    return png(2, 1, {left, right});
}

TEST(OpenPictures, HaveTheirFolderForAClass)
{
    const auto source = open(of_items({{"dog/1.png", picture(0, 255)},
                                       {"cat/2.PNG", picture(255, 0)},
                                       {"cat/notes.txt", bytes_of("none")}}),
                             grey);
    ASSERT_TRUE(source) << source.error().detail;
    ASSERT_EQ((*source)->size(), 2u);
    EXPECT_EQ((*source)->target().classes, (std::vector<std::string>{"cat", "dog"}));
    const auto dog = read_one(**source, 1);
    ASSERT_TRUE(dog) << dog.error().detail;
    EXPECT_EQ(dog->floats(), (std::vector<float>{0, 1}));
    EXPECT_EQ(dog->label, 1);
}

TEST(OpenPictures, MayLieInOneFolderAroundAll)
{
    const auto source = open(
        of_items({{"photos/cat/1.png", picture(0, 0)}, {"photos/dog/1.png", picture(0, 0)}}), grey);
    ASSERT_TRUE(source) << source.error().detail;
    EXPECT_EQ((*source)->target().classes, (std::vector<std::string>{"cat", "dog"}));
}

TEST(OpenPictures, WithoutFoldersHaveNoTarget)
{
    const auto items = std::vector<Item>{{"1.png", picture(0, 0)}, {"2.png", picture(0, 0)}};
    const auto source = open(of_items(items), grey);
    ASSERT_TRUE(source) << source.error().detail;
    EXPECT_EQ((*source)->target().kind, Target::Kind::none);
    auto options = of_items(items);
    options.table.target = TargetKind::classes;
    EXPECT_EQ(why(options, grey), "the samples are in no folders, which would be their classes");
    EXPECT_EQ(why(of_items({{"1.png", picture(0, 0)}, {"a/2.png", picture(0, 0)}}), grey),
              "some samples are in a folder, which would be their class, and 1.png is in none");
}

TEST(OpenPictures, HaveClassesAndSlicesFromATable)
{
    auto options = of_items(
        {{"d/1.png", picture(0, 0)},
         {"d/2.png", picture(255, 255)},
         {"d/left_out.png", picture(0, 0)},
         {"d/labels.csv", bytes_of("file,label,slice\n2.png,cat,north\nd/1.png,dog,south\n")}});
    const auto source = open(options, grey);
    ASSERT_TRUE(source) << source.error().detail;
    ASSERT_EQ((*source)->size(), 2u);
    EXPECT_EQ((*source)->label(0), 0);
    EXPECT_EQ((*source)->slice(0), "north");
    EXPECT_EQ(read_one(**source, 0)->floats()[0], 1);
    options.table.classes = {"cat"};
    EXPECT_EQ(why(options, grey), "d/labels.csv: row 3: 'dog' is none of the classes given");
}

TEST(OpenPictures, HaveNumbersFromATable)
{
    auto options =
        of_items({{"1.png", picture(0, 0)}, {"angles.csv", bytes_of("file,x,y\n1.png,1,2.5\n")}});
    options.labels = "angles.csv";
    options.table.targets = {"x", "y"};
    const auto source = open(options, grey);
    ASSERT_TRUE(source) << source.error().detail;
    EXPECT_EQ(read_one(**source, 0)->numbers, (std::vector<float>{1, 2.5F}));
}

TEST(OpenPictures, SayWhichRowNamesNone)
{
    const auto with = [](std::string_view table) {
        return why(of_items({{"1.png", picture(0, 0)}, {"labels.csv", bytes_of(table)}}), grey);
    };
    EXPECT_EQ(with("file,label\nnone.png,cat\n"),
              "labels.csv: row 2: there is no such sample as 'none.png'");
    EXPECT_EQ(with("file,label\nlabels.csv,cat\n"),
              "labels.csv: row 2: there is no such sample as 'labels.csv'");
    EXPECT_EQ(with("name,label\n1.png,cat\n"),
              "labels.csv: there is no column 'file', only name, label");
    EXPECT_EQ(with("file,label\n1.png,\n"), "labels.csv: row 2: the class is empty");
}

TEST(OpenPictures, TakeTheSidesOfTheFirstWhereTheModelLeavesThemOpen)
{
    const auto source = open(of_items({{"1.png", picture(0, 255)}, {"2.png", png(1, 1, {51})}}),
                             model_of(DataType::UINT8, {-1, -1, -1, 3}));
    ASSERT_TRUE(source) << source.error().detail;
    EXPECT_EQ((*source)->inputs()[0].shape, (Shape{1, 2, 3}));
    EXPECT_EQ(read_one(**source, 0)->input, (ledger::Bytes{0, 0, 0, 255, 255, 255}));
    EXPECT_EQ(read_one(**source, 1)->input, (ledger::Bytes{51, 51, 51, 51, 51, 51}));
}

TEST(OpenPictures, NameTheOneThatIsBroken)
{
    auto broken = picture(0, 0);
    broken.resize(broken.size() / 2);
    const auto source = open(of_items({{"1.png", picture(0, 0)}, {"2.png", broken}}), grey);
    ASSERT_TRUE(source) << source.error().detail;
    EXPECT_TRUE(read_one(**source, 0));
    const auto read = read_one(**source, 1);
    ASSERT_FALSE(read);
    EXPECT_TRUE(read.error().detail.starts_with("2.png: the picture cannot be read: "))
        << read.error().detail;
    auto options = of_items({{"1.png", picture(0, 0)}});
    options.limits.pixels = 1;
    EXPECT_EQ(read_one(**open(options, grey), 0).error().kind, ledger::ErrorKind::full);
    EXPECT_EQ(why(of_items({{"1.png", picture(0, 0)}}), model_of(DataType::FP32, {-1, 5})),
              "the input x is FP32 [-1,5], which is no picture");
    options.limits = {};
    options.limits.sample_elements = 1;
    EXPECT_EQ(open(options, grey).error().kind, ledger::ErrorKind::full);
}

}  // namespace
}  // namespace samples

#!/usr/bin/env python3
"""Writes stories.txt, the text that the GPT demo learns from: some hundred short children's stories.

Every story is composed from the plots and words below, all written for this project. The same seed
gives the same bytes.

The notation of the plots:
  [x|y|]      one of the alternatives, each as likely; they may nest
  {n} {he}    a value of this story's cast, or a word from the list of that name, the same all story long;
              {He} is the same with a capital. {colour2} is another colour than {colour}
  @ word      "a" or "an", as the word wants; ^@ word: "A" or "An"
A blank line in a plot is a new paragraph.
"""
import argparse
import pathlib
import random
import re

GIRLS = """Mia Lily Anna Rosa Tess Nora Ivy Ella June Maya Zoe Wren Clara Hana Lucy Ada Poppy Dora Nina
Freya Sana Esme Tilly Greta Kiri Olive Pearl Bea Marta Lena Tova Sofia Amina Edith Ruby Iris""".split()
BOYS = """Ben Tom Max Leo Sam Finn Noah Otis Hugo Jack Eli Theo Omar Kai Luca Amir Ned Rory Dan Ravi Felix
Arlo Gus Jonas Milo Toby Abel Oscar Pedro Ivan Yusuf Martin Henry Emil Peter""".split()
BEAST_NAMES = """Pip Tuck Bramble Clover Nibs Fern Moss Button Hazel Tansy Burr Puddle Fig Biscuit Tumble
Maple Juniper Thistle Sorrel Pebble Dot Barley Snip Willow Acorn Twig Plum Peppercorn Rusty Nettle Oat
Crumb Mallow Sedge Birch Quill Patch Dusty Teasel Bracken""".split()
BEASTS = "rabbit fox bear mouse hedgehog squirrel badger otter mole kitten puppy beaver raccoon hare hamster".split()
GROWN = [("mother", "she"), ("father", "he"), ("grandmother", "she"), ("grandfather", "he"), ("aunt", "she"),
         ("uncle", "he"), ("big sister", "she"), ("big brother", "he")]

# Days and weathers know their season, so that no swallow comes back in the snow.
DAYS = {
    "spring": ["One day in spring", "On the first warm day of the year", "One fresh spring morning",
               "One afternoon in April", "On a mild day in May"],
    "summer": ["One summer day", "On the last day of summer", "On the longest day of the year", "One hot day in July",
               "On a long summer afternoon"],
    "autumn": ["One autumn day", "On a golden day in autumn", "One windy day in October", "One misty autumn morning",
               "Late in September"],
    "winter": ["On a grey winter day", "One snowy morning", "One cold morning", "In the middle of January",
               "One short winter afternoon"],
    "any": ["One morning", "One afternoon", "Late one afternoon", "Early one Sunday", "One Saturday", "One Monday",
            "Just after breakfast one day", "One day after lunch", "One fine day", "One day", "Once, on a Wednesday"],
}
WEATHERS = {
    "spring": ["The first swallows had come back.", "The puddles were full of sky.", "Somewhere a cuckoo was calling.",
               "The snow had melted and all the gutters sang.", "The cherry trees were in bloom.",
               "The air smelled of wet earth and grass.", "A rainbow stood over the hill."],
    "summer": ["Bees hummed in the clover.", "It was so warm that even the flies were asleep.",
               "The sun was warm, but the shade was still cool.", "Thunder grumbled far away behind the hills.",
               "The hay smelled sweet.", "The grass was silver with dew.", "The sky was as blue as a jay's feather."],
    "autumn": ["The wind was chasing leaves across the grass.", "The leaves had just turned gold.",
               "A thin mist lay over the fields.", "Chestnuts were falling from the trees.",
               "The geese were flying south.", "It smelled of smoke and apples."],
    "winter": ["Frost had drawn ferns on the glass.", "Everything was covered in new snow.",
               "The wind had a cold nose that day.", "Icicles hung from the roof.",
               "The pond had a lid of ice.", "One could see one's breath."],
    "any": ["White clouds sailed slowly by.", "Not a leaf was moving.", "Grey clouds hung low over the trees.",
            "The sun shone on every window.", "The morning was so still that one could hear the river.",
            "Rain tapped on the roof like small fingers.", "The wind whistled in the chimney."],
}
WORDS = {
    "adj": """little small young quiet curious shy cheerful brave sleepy clever careful gentle lively thoughtful
        merry stubborn kind dreamy restless polite""".split(),
    "colour": "red blue green yellow white brown orange purple golden silver grey pink".split(),
    "fruit": "apple pear plum peach fig".split(),
    "food": ["apple pie", "honey cake", "onion soup", "warm bread", "blackberry jam", "carrot stew",
             "pumpkin soup", "plum tart", "potato pie", "ginger cake", "mushroom soup", "buttered toast",
             "nut cake", "pear pudding"],
    "baked": ["@ apple pie", "@ honey cake", "@ loaf of bread", "oat biscuits", "@ plum tart", "ginger biscuits",
              "@ nut cake", "raisin buns", "@ pear cake", "cheese rolls", "@ birthday cake", "poppy seed rolls"],
    "flowers": ["daisies", "poppies", "bluebells", "tulips", "marigolds", "violets", "cornflowers", "buttercups"],
    "tree": "oak elm apple-tree willow birch chestnut ash pine maple".split(),
    "thing": ["kite", "wooden boat", "drum", "red ball", "little lamp", "silver whistle", "paper hat",
              "tin soldier", "picture book", "wooden horse", "blue scarf", "straw hat", "music box",
              "umbrella", "spinning top", "old compass", "brass bell", "paint box", "knitted bear",
              "toy wagon", "puppet"],
    "small": ["button", "key", "shell", "feather", "acorn", "pebble", "coin", "marble", "ribbon", "thimble", "bead",
              "snail shell", "pine cone", "walnut"],
    "instrument": "drum flute fiddle horn whistle guitar harp trumpet".split(),
    "game": ["hide and seek", "catch", "follow the leader", "pirates", "leapfrog", "kings and queens", "ball"],
    "bird": "robin sparrow wren owl thrush swallow blackbird finch crow magpie".split(),
    "number": "three four five six seven eight nine ten twelve".split(),
    "nth": "third fourth fifth sixth seventh ninth tenth".split(),
    "tale": ["a wolf", "a giant", "a bear with a sword", "a lion", "a pirate ship", "a ghost"],
    "baby": "duck goose swan".split(),
    "end": ["That night {n} slept very well.", "It had been a very good day.", "{n} fell asleep with a smile.",
            "And the moon looked in at the window and seemed to agree.", "And {n} was very happy.",
            "{n} told the story at supper, and then told it again.", "Outside the stars came out, one by one.",
            "And that was that.", "{n} has never forgotten it.", "Even the crickets seemed to sing about it.",
            "{n} thought about it for a long time that night.", "Then it was time for supper.",
            "The sun went down, round and red, and the day was over.", "\"What a day,\" said {n}, and yawned.",
            "{n} could hardly wait for tomorrow.", "\"Good night,\" whispered {n} to no one at all.",
            "It was the best evening of the whole week.", "Some days are like that.",
            "After that, even the rain did not seem so grey.", "And if it had not happened, nobody could tell it.",
            "", "", "", "", "", "", "", ""],
}
CHILD = {
    "home": ["in @ {colour} house by the sea", "in a village at the foot of a hill", "at the end of a long lane",
             "in a tall house in the middle of the town", "on a farm with {number} cows", "beside an old mill",
             "in a cottage near the forest", "above a shop that sold clocks", "near the bridge",
             "on a boat that was tied up in the harbour", "next to the railway station", "across from the bakery",
             "in a street with {number} chestnut trees", "on the top floor, close to the pigeons",
             "in a house with a crooked chimney", "on a small island with a lighthouse"],
    "habit": ["loved to draw", "liked to count things", "asked more questions than anyone in the street",
              "collected stones", "could whistle like @ {bird}", "wanted to be a sailor",
              "knew the name of every cat in the street", "liked {food} best of all",
              "always wore one {colour} sock and one {colour2} sock", "loved stories about the sea",
              "was good at climbing", "liked the rain more than the sun", "often talked to the moon",
              "woke up before everyone else", "wanted to know how everything worked"],
    "helper": ["old Mr. Finch", "Mrs. Bell", "the baker", "the old gardener", "the postman", "the teacher",
               "Mr. Brook", "the lighthouse keeper", "the librarian", "the ferryman", "old Mrs. Moon", "the farmer"],
    "friend": ["{his} friend {m}", "{m} from next door", "{his} cousin {m}", "{m} from school",
               "{his} best friend {m}"],
    "hand": ["hand"],
    "room": ["the bedroom", "the kitchen", "the attic", "the hall", "the shed"],
    "outdoors": ["the park", "the beach", "the meadow", "the old orchard", "the garden", "the woods",
                 "the river bank", "the hill behind the church", "the village green", "the market square"],
    "hole": ["under the bed", "behind the stove", "in the laundry basket", "under the stairs",
             "at the bottom of the toy box", "behind the big clock"],
}
BEAST = {
    "home": ["under the roots of an old {tree}", "at the edge of the wood", "in a burrow beside the stream",
             "in a hollow log", "among the reeds by the lake", "in a dry cave behind the waterfall",
             "under a hedge full of roses", "on the sunny side of the hill", "in a house made of sticks",
             "beneath the stone bridge", "in the corner of a barley field", "in the roof of a barn",
             "where the forest is thickest", "under the floor of an empty mill"],
    "habit": ["loved to dig", "liked to count the stars", "asked more questions than anyone in the forest",
              "collected {colour} leaves", "never went anywhere without @ {colour} scarf",
              "could run faster than the wind, or nearly", "wanted to see the sea", "liked {food} best of all",
              "knew every path in the wood", "sang from morning to night", "could not sit still",
              "liked to sleep in the sun", "had {number} brothers and sisters", "was always hungry",
              "had the longest whiskers in the family"],
    "helper": ["the old owl", "Grandmother Tortoise", "the wise old heron", "the big brown goose", "the old toad",
               "the grey donkey", "Uncle Crow", "the oldest deer in the wood", "the swan", "the tall stork",
               "the snail with the cracked shell"],
    "friend": ["{his} friend {m}", "{m} the {mnoun}", "{his} neighbour {m}", "{his} best friend {m}"],
    "hand": ["paw"],
    "room": ["the den", "the pantry", "the kitchen", "the cellar"],
    "outdoors": ["the meadow", "the clearing", "the river bank", "the edge of the lake", "the big hill",
                 "the hazel wood", "the old orchard", "the mossy rocks", "the far side of the stream",
                 "the barley field"],
    "hole": ["under a heap of leaves", "behind the acorn jar", "under the root by the door", "in the wood pile",
             "at the bottom of the nut basket", "inside an old boot"],
}
OPENINGS = [
    "[Once there was|There was once|Once upon a time there was] {intro} who lived {home}. [{n} {habit}.|]",
    "{Intro} lived {home}. [{He} {habit}.|Everyone there knew {him}.|]",
    "{Home} lived {intro}. [{He} {habit}.|]",
    "{n} was {kind} who {habit}. [{He} lived {home}.|]",
    "This is the story of {n}, {kind} who {habit}.",
    "{n} {habit}. [{He} lived {home}.|{He} was {kind}, and {he} lived {home}.]",
    "Have you heard about {n}? {He} was {kind}, and {he} lived {home}.",
    "[Not long ago|Many years ago], {intro} lived {home}.",
    "Far away, {home}, there lived {intro}.",
    "Everybody liked {n}, {kind} who lived {home}.",
]

# Each plot: who it is for (c: children, b: beasts), the seasons that suit it, and its text.
PLOTS = [
("cb", "", """{open} {day} {he} [lost|could not find] {his} {thing}. [{weather}|]
{n} looked {hole}. [It was not there.|No {thing}.|There was only dust.] {He} looked [in {room}|under the table|behind the door]. [It was not there either.|Nothing.|A spider looked back at {him}.]

"[Have you seen my {thing}|Do you know where my {thing} is]?" {he} asked {g}.

"When did you [last have it|see it last]?" said {g}. [{n} thought hard.|{n} shut {his} eyes to remember.|{n} sat down to think.]
{He} had [been at {outdoors}|played at {outdoors}|eaten lunch at {outdoors}], and then it had [begun to rain|got dark|been time to go home].
[Off {he} ran.|They went back together.|So {he} took a lamp and went to look.] And there, [on a stone|beside the path|in the long grass|on a low branch], was the {thing}, [a little wet but as good as new|with @ {bird} sitting on it|right where {he} had left it].

[From then on {he} always put it in the same place.|"Next time I will remember," said {n}.|{He} hugged it and promised to take better care.] {end}"""),

("cb", "", """{open} {day} {n} found @ [tiny|small|strange|bright] {colour} {small} [on the path|in the grass|between two stones]. [{weather}|]
"[Whose is this|Who can have dropped this|Who has lost this]?" {he} [said|wondered].

{He} showed it to {friend}. [{m} shook {mhis} head.|"It is not mine," said {m}.] {He} showed it to {o}, who [had never seen it before|only shrugged|turned it over and gave it back]. [At last|Near the bridge|By the well] {he} met [an old woman|a girl with a basket|a tired traveller|a small boy who was crying] who was [looking at the ground|turning over every leaf].

"[Have you lost something|What are you looking for]?" asked {n}.

"[Yes, my {small}|^@ {colour} {small}|My {small}]. [My mother gave it to me.|It brings me luck.|It is the only one I have.]"

{n} had wanted to keep it. [It was very pretty.|It was so smooth and cool.|] But {he} held out {his} {hand}. "[Here it is|Is it this one]," said {n}[, and felt warm inside|]. [They shared some {food} and became friends.|"Thank you! You are very kind."|There was such a smile that the {small} was forgotten at once.] {end}"""),

("cb", "summer", """{open} {He} had never [learned to swim|been in deep water|dared to swim]. {day} {friend} [jumped into|was splashing in] the [pond|lake|river]. "Come in!" called {m}. "[It is lovely|The water is warm|It is like flying]!"

"I am [not hot|fine here|too busy]," said {n}, but that was not true. [{He} was afraid.|The water looked dark and deep.]

{m} [came out and sat down next to {him}|understood at once|did not laugh]. "[We can start with one toe|Let us go in as far as the knees|You can hold on to me]," {mhe} said.
First it was one toe. Then it was two feet. [{weather}|A fish came to look and swam away.|] [The next day|After a while|A little later] {n} put {his} face in the water and blew bubbles.
[By the end of the week|Before the summer was over|On the fifth day] {he} let go and kicked, and kicked, and did not sink.

"I am swimming!" {he} shouted, and [swallowed half the water|went under for a moment and came up laughing|all the ducks flew up]. {end}"""),

("cb", "", """{open} {day} {he} wanted to bake {baked} for {g}. [{weather}|It was a birthday, after all.|] {He} took the flour and the butter[, and made a cloud|]. {He} stirred and stirred. But {he} [put in salt instead of sugar|forgot the oven|dropped half of the dough on the floor].

"[Oh no|Oh dear|Bother]," said {n}. "[It is spoiled|It smells terrible|What shall I do now]?"

{Friend} came in and [sniffed|tasted a crumb|looked at the mess]. "[It is not so bad|Well, the birds will like it|I have seen worse]," said {m}. "[Let us try again|We can start over]." This time {m} read and {n} measured. [They did not forget anything.|They sat in front of the oven and watched.|They counted every spoon out loud.]
When {g} came [home|in from the garden], the whole house smelled [of sugar and butter|wonderful|warm and good].

"Who made this?" asked {g}. "We did," said {n} and {m} together[, and there was flour on both their noses|]. {end}"""),

("cb", "spring summer", """{open} {day} {he} heard @ [thin|small|sad|tiny] voice [in the hedge|under a bush|beside the path]. It was @ [young|little|baby] {bird} that had [fallen from its nest|hurt its wing|lost its way]. [{weather}|]

"[Do not be afraid|I will not hurt you|Keep still, little one]," said {n}. {He} [made a bed of moss in a box|wrapped it in {his} scarf|carried it home as if it were made of glass]. {G} showed {him} how to [feed it|give it water from a spoon|keep it warm]. [Every morning {n} brought it seeds.|All night {n} sat beside it.|It ate, and slept, and ate again.]

After {number} days the {bird} [hopped onto the window sill|spread its wings|began to sing]. {n} knew what that meant. [{He} felt a lump in {his} throat.|{He} was glad and sad at once.] {He} opened the window. "[Fly well|Come and see me sometimes|Good luck]," {he} said.

[The next spring @ {bird} sat and sang|Ever since, @ {bird} has come to sing] in front of {his} window[, louder than all the others|]. {end}"""),

("cb", "", """{open} {day} {n} and {friend} were [building|trying to build] @ [bridge over the stream|house in the {tree}|raft|castle of mud|den of branches]. [{weather}|] "[The long pieces go at the bottom|It must be tall|First we need a door]," said {n}. "[No, they go on top|No, it must be wide|No, first we need a roof]," said {m}.

They [argued|quarrelled] until they were [red in the face|both hoarse|no longer speaking]. {n} built on the left, and {m} built on the right. [Soon|After an hour|Before long] both halves [fell down|leaned over and came down with a crash|slid into the mud].

For a while nobody said anything. Then {m} began to laugh, and {n} had to laugh too. "[You were right about one thing|Perhaps we need both|Let us do it your way and mine]," said {n}. So they [put the long pieces below and the short ones above|started again, together|drew a plan with a stick first]. It was [crooked but strong|not pretty, but it held|the best one that anybody had ever made]. [They stayed there until dark.|They ate their {food} on it.|Even {o} came to admire it.] {end}"""),

("cb", "", """{open} {n} was afraid of the dark. [When the lamp went out, the shadows grew legs.|At night every coat looked like a giant.|{He} always asked for one more story, and then one more.] [One evening|One night] [the lamp broke|there was no oil for the lamp|a gust of wind blew out all the lights].

"[I do not like this|It is too dark|There is something in the corner]," whispered {n}.

{G} took {his} {hand}. "[Come outside with me|Let us look at the dark together|Let me show you something]," {ghe} said. They stood [in front of the door|on the hill|under the {tree}]. At first {n} saw nothing at all. Then {he} saw one star, and another, and then [more than {he} could count|a whole sky full|thousands of them]. [A glow-worm lit its small green lamp.|An owl flew by without a sound.|Far away a dog barked.] "[You only see them when it is dark|The dark is where the stars live|All of this is only there at night]," said {g}.

[After that|From then on] {n} sometimes [put out the lamp without being told|left the curtain open|got up to look at the sky]. {end}"""),

("cb", "spring", """{open} {day} {he} planted @ [bean|seed|sunflower seed|pumpkin seed|pea] [behind the house|in a pot|in the best corner of the garden|beside the door]. {He} [watered it every morning|sang to it|told it to hurry up]. [On the first day nothing happened. On the second day nothing happened either.|A day went by, and another. Nothing.|{He} looked in the morning, at noon and at night, and saw only earth.] [Then {n} wanted to dig it up.|On the third day {he} shouted at it.]

"[Why does it not grow|Is it asleep|Did I do something wrong]?" {he} asked {o}.

"[It is growing where you cannot see it|Seeds have no ears, but they have time|Good things are slow]," said {o}. "[Wait|Be patient|Leave it alone a little longer]." So {n} waited. [{weather}|It rained, and the sun shone, and it rained again.|] And one morning there was @ [small green hook|green point no bigger than a needle|tiny leaf] in the earth.

It grew [as high as {his} knee|past the window|taller than {n}|to the roof]. In autumn {he} gave {o} [a whole basket|half of all that grew on it|the best of what it bore]. "[You see|Well done, gardener|I told you so]," said {o}[, and winked|, and laughed]. {end}"""),

("cb", "", """{open} {day} there was a race [around the lake|to the top of the hill|through the wood|from the mill to the bridge]. {n} [had trained for weeks|wanted to win more than anything|had dreamed about it all night|was sure to win]. [{weather}|] "[Ready, steady, go|One, two, three, run]!" cried {o}.

{n} ran as fast as {he} could. [Soon {he} was in front.|{He} passed one, and then another.] Then {he} heard a cry. {Friend} had [fallen|stepped into a hole|tripped over a root] and was holding {mhis} foot. {n} looked at the [ribbon|flag|line] ahead. [It was so near.|Only a few more steps!] {He} looked back. [Nobody else had stopped.|The others ran past.] [Then {he} turned around.|{He} sighed, and ran back.]

"[You could have won|Why did you stop|Go on, you are winning]," said {m}.

"[There will be other races|A prize cannot talk to me on the way home|I would rather have you than a ribbon]," said {n}. They came in last, arm in arm[, and everyone clapped|, and the crowd cheered as if they had won|]. {end}"""),

("cb", "", """{open} {day} {he} was [bored|very bored|tired of all {his} toys]. [{weather}|] "There is nothing to do," {he} said [to the ceiling|with a long sigh|for the tenth time].

"[Then make something|Look in the old cupboard|Have a look in the drawer]," said {g}. In the [drawer|cupboard] {n} found [some paper|a big sheet|two corks], @ [pot of glue|bit of string|ball of wool] and [a pair of scissors|{number} buttons|a stump of pencil]. {He} cut, and glued, and [tied|painted|folded]. [The morning flew by.|{He} did not even hear the call to lunch.|{His} tongue stuck out a little.] When {he} was done, {he} had made @ [puppet|mask|dragon|paper king|lion] with [a long tail|{colour} eyes|{colour} stripes|a crown].

"[What is that|Who is this]?" asked {friend}.

"[It is the king of the rainy days|It is called Bumble|This is my new friend]," said {n}. [They played with it until evening.|They made another, so that it would not be lonely.|They gave a show, and the whole family came.] {end}"""),

("cb", "", """{open} {n} had @ [fine|new|beautiful] {thing}. {day} {friend} asked, "May I [play with it|try it|hold it]?"

"No," said {n}. "[It is mine|You might break it|Only I can use it]." {m} [went away|looked at the ground|said nothing and went home]. {n} [played alone|sat alone with the {thing}]. [At first that was nice. Then it was not.|But it was no fun.|Somehow it was not as nice as before.] [{weather}|The house was very quiet.|]

[At last|After a while|Before evening] {he} [put the {thing} under {his} arm|got up] and [knocked at {m}'s door|went to look for {m}]. "[I am sorry|I was selfish|That was not nice of me]," {he} said. "[Do you want to have it until supper|Will you play with me|Shall we take turns]?"

{m} [grinned|smiled|jumped up]. First it was {m}'s turn, then {n}'s, [and then they found a way to use it together|and so on until it was dark|and each turn was better than the last]. [Things are bigger when you share them.|Two can have more fun than one.|"It is more fun like this," said {n}.] {end}"""),

("cb", "", """{open} {day} {he} went for a walk at {outdoors} and [followed a beetle|looked only at the ground|ran after @ {colour} feather]. When {he} looked up, {he} did not know where {he} was. [{weather}|] [All the trees looked the same.|Every path looked like the other.|] "[Hello|Is anybody there]?" called {n}. Only [the echo|a crow|the wind] answered.

[{His} eyes began to sting.|{His} knees felt weak.|It was getting late.] Then {he} remembered what {g} had once said: "[If you are lost, stay where you are|Water always knows the way down|First sit down and listen]." {n} sat down and listened. [A long way off|Very softly|After a time] {he} heard [the stream|a bell|somebody singing|the mill wheel]. {He} [went toward it|walked toward the sound], step by step, and soon {he} saw [a light|smoke from a chimney|the old bridge|a gate that {he} knew].

"[There you are|We were just coming to look for you|You are late]," said {g}, and held {him} tight. For supper they had {food}[, and {n} asked for more|]. {end}"""),

("cb", "", """{open} {day} {he} got @ {instrument} [for {his} birthday|from {o}|out of the attic]. {n} tried it with all {his} might. It sounded [like a goose in a bucket|awful|like a door that needs oil]. [The cat ran away.|The windows rattled.|The birds left the tree.] "[Could you play a bit more softly|Is it meant to sound like that|Must you]?" asked {g}.

{n} [took the {instrument} to {outdoors}|went where nobody could hear {him}]. [There {he} practised every day.|Day after day {he} played the same {number} notes.] [{weather}|] One day {o} came past and stopped. "[What was that tune|Who taught you this|Where did you learn that]?" "[I made it up myself|Nobody, it just came|It is only a little tune of my own]," said {n}, and [blushed|looked at {his} toes].

At the [spring|harvest|summer|winter] feast {n} stood up and played it. [At first {his} {hand}s shook.|Nobody coughed.] [When it was over, it was quiet for a moment. Then everyone clapped.|Before long everyone was dancing.|Even the babies stopped crying.] {end}"""),

("cb", "winter", """{open} {day} it began to snow, and it did not stop. [By noon the door would not open.|The path was gone, and the fence too.|The whole world was white and quiet.] "[Somebody must bring {o} some food|Think of {o}, all alone over there|I wonder how {o} is getting on]," said {g}.

"[I will go|Let me go|Then I will see]," said {n}. {He} [put on two coats|tied {his} scarf tight|took a sled] and set out with [some {food}|a basket full of {food}]. The snow came up to {his} [knees|belly|chest]. [Twice {he} fell.|The wind pulled at {his} ears.] [{He} almost turned back.|{He} counted {his} steps to keep going.] At last {he} saw the [small window|crooked roof|smoke].

"[You came all this way|In this weather|What a brave visitor]!" said {o}. They [sat by the fire and ate|shared the food and the warmth]. [{O} told a story about a winter that was even colder.|They played {number} games of cards.|Outside the snow went on falling, but inside it was warm.] "[A visit is better than a feast|I was lonely, and now I am not]," said {o}. {end}"""),

("cb", "spring summer autumn", """{open} {day} {n} and {friend} played hide and seek at {outdoors}. [{weather}|] {n} hid [in a hollow {tree}|behind a barrel|under an old boat|in a heap of hay] and kept as still as a stone. {m} looked [here and there|behind every bush|up and down]. "[I will find you|I am coming]!" {mhe} called. Then it was quiet. [{n} waited.|{n} giggled into {his} {hand}.] {He} waited a long time. [A beetle walked over {his} foot.|{He} counted to a hundred.|{His} leg fell asleep.]

[Nobody came.|Still nobody came.] "[Perhaps {mhe} has gone home|They have forgotten me]," thought {n}, and [crept out|got up]. And there was {m}, [fast asleep in the grass|sound asleep in the sun|asleep against a tree].

"[Found you|Caught you]!" said {n}, and tickled {mhim} with @ [straw|leaf|feather]. {m} [opened one eye|sat up|woke with a sneeze]. "[That is not how the game goes|I was only resting my eyes|Did I win]?" {mhe} said, and they both laughed. {end}"""),

("cb", "", """{open} {He} was [the smallest|smaller than all the others|very small for {his} age]. "[You are too small|You cannot help, you are too little|Wait until you are bigger]," the others said [when there was work to do|every day]. {day} [the key fell through a crack|a kitten was stuck behind the wall|the bell rope got caught high up in the roof|a ring rolled into a drain pipe]. [{weather}|]

[The tall ones could not reach it.|The strong ones pushed and pulled, but it was no use.|Everyone stood around and gave advice.] "[Let me try|I could do it|May I try]," said {n}.

"[You|Someone so small]," they said[, and laughed|].

"[That is just why|Exactly because of that]," said {n}. {He} [breathed in|held {his} breath] and slipped through [a gap no wider than a loaf of bread|the narrowest hole|a place where nobody else would fit]. [For a moment all was quiet.|One could hear scratching and bumping.] Then {he} came back, [covered in dust|with cobwebs on {his} ears|black with dirt], and all was well. [They carried {him} home on their shoulders.|Nobody called {him} too small again.|"Hurrah for {n}!" they cried.] {end}"""),

("cb", "", """{open} {day} {n} broke [the {colour} jug|{g}'s favourite cup|the blue bowl|{g}'s best plate]. [Nobody had seen it.|There was a crash, and then silence.] [{weather}|] [{n} hid the pieces {hole}.|{n} ran outside and sat behind the {tree}.]

"[What is the matter|Why are you so quiet|Are you ill]?" asked {g} at supper. "Nothing," said {n}. But the {food} did not taste good[, and {his} belly hurt|]. [In bed {he} turned to the left and to the right.|It was as if {he} had swallowed a stone.]

At last {he} [got up|went to find {g}] and told [{g} everything|the truth]. "[I did it|It was me|I broke it]," {he} said. "[I am so sorry|I did not mean to]."

{G} was silent for a moment. "[A cup is only a cup|It can be mended|These things happen]," {ghe} said then. "[But thank you for telling me|That was brave of you|It is good that you told me]." [The next day they mended it together.|They looked for the glue together.] One could see the crack, [but {n} did not mind|and {n} thought that it looked like a river|but it held]. {end}"""),

("cb", "spring summer", """{open} {day} {n} sat at the [river|pond|lake] with a fishing rod. [{weather}|] [All morning nothing happened.|{He} sat, and waited, and sat.] Then something pulled. {He} pulled too. Out of the water came [an old boot|a rusty kettle|a hat|a wet sock|a broken umbrella].

"[That is no fish|What a strange fish|You can not fry that]," said {friend}. {n} tried again, and caught [a wooden spoon|another boot|a bucket without a bottom]. {m} laughed until {mhe} had to hold {mhis} sides. "[Somebody has thrown all this away|The poor fish have to live in this]," said {n}. So they [fished for rubbish all day|pulled out one thing after another|got a cart and filled it]. [{O} came to help.|Even {o} came with a rake.] By evening the water was clear, and one could see [the stones at the bottom|little fish between the plants].

"[Did you get a fish|How many fish did you catch]?" asked {g}. "[No|Not one]," said {n}. "[I caught a whole cart full of junk|But the fish are happy|But I caught the whole bottom of the lake]." {end}"""),

("cb", "", """{open} {n} could not sleep. [The wind rattled at the shutters.|The moon was too bright.|{His} blanket was too warm, and then too cold.] {He} counted sheep, but [they would not stand still|the sheep began to dance|at {number} {he} lost count]. {He} [got up|slid out of bed] and went to {g}. "[I cannot sleep|My eyes will not stay shut]," {he} said.

"[Then let us listen|Do you know what the night sounds like|Come here]," said {g}. They were very quiet. "What do you hear?"

"[The clock|A frog|The rain in the gutter]," said {n}. "[And a dog, far away|And the wind in the {tree}|And my own heart]."

"[And what else|What else]?" asked {g}. {n} listened harder. {He} heard [the stove tick|a mouse in the wall|the river]. {He} heard [the old house creak|the leaves|a branch at the window]. {He} heard {his} own breath, in and out, [like small waves|slow and soft|like the sea].

"[Anything else|What else]?" whispered {g}. But {n} did not answer[, for {he} was asleep|. {He} was fast asleep]."""),

("cb", "", """{open} {day} {o} was [ill|in bed with a cold|not feeling well], and nobody [lit the lamps|fed the hens|rang the morning bell|brought the letters]. [{weather}|] "[Then I will do it|How hard can it be|I can do that]," said {n}. It was harder than {he} had thought. [There was so much to carry.|Everything was too high up.] [{He} took the wrong path {number} times.|A dog barked at {him}.|{He} dropped things and picked them up again.]

{Friend} saw {him} [puffing|struggling] and came to help. "[Why are you doing this|Are you not tired]?" said {m}. "[Because it has to be done|Somebody must]," said {n}. Together they were done before [dark|noon|supper]. Then they brought {o} [some {food}|a bunch of twigs and leaves in a jar|a pot of tea].

"[I was so worried about the work|Who did my work today]?" said {o}. {n} and {m} looked at each other. "[Oh, two somebodies|The wind, perhaps]," said {n}. But {o} saw their [dirty {hand}s|tired faces|muddy feet] and [understood|smiled]. {end}"""),

("cb", "", """{open} {day} a stranger came to live nearby: {m}, @ {adj2} {mnoun}. [{weather}|] {m} [spoke with a strange sound|wore funny clothes|did not know any of the games|was very quiet]. The others [whispered|stared|kept away].

{n} [watched {mhim} for a while|felt sorry for {mhim}]. {m} sat alone [on the wall|under the {tree}|by the gate] and [drew in the dust with a stick|looked at the ground|rolled @ {small} from one side to the other]. "[Hello|Good morning]," said {n}. "What is that called where you come from?" And {he} pointed at [a cloud|a stone|the sun|a snail]. {m} said a word that {n} had never heard. It was [round and soft|short and funny|like a bird call]. {n} tried to say it, [and got it wrong|and it came out all twisted], and {m} laughed for the first time.

Then {n} taught {mhim} a word, and {m} taught {n} another one. [By evening they had {number} words and one secret.|Soon the others came closer to hear.|It turned out that {m} knew the best games of all.] "[See you tomorrow|Will you come again tomorrow]?" said {n}. {m} knew that word already. {end}"""),

("cb", "spring summer", """{open} {day} {n} said, "I will [go to the end of the world|find the place where the river begins|see what is behind the hill]." {He} packed [some {food}|some bread and cheese|an apple] and @ {thing}. [{weather}|] {He} walked past [the last house|the mill|the old {tree}], and past [the field|the three stones|the crooked fence]. On the way {he} met {o}. "Where are you going?" "[A long way|Far away]," said {n}.

"[Then you will need a friend|Be home for supper|I hope your feet know that]," said {o}. {n} walked on. [{His} feet began to hurt.|The sun climbed high.] Behind the hill there was [another hill|a small lake|a meadow full of {flowers}]. {n} sat down and ate. [It was lovely, but there was nobody to show it to.|"I found it," {he} said aloud, but nobody answered.]

So {he} [picked some {flowers}|put @ {small} in {his} bag] and went home. "[Is that the end of the world already|How was it]?" asked {g}. "[Very nice|Quite far]," said {n}. "[But tomorrow I want you to come too|But next time you must come with me]." {end}"""),

("cb", "autumn spring", """{open} {day} the wind took {his} [hat|cap|scarf|drawing] and carried it [over the hedge|high into the air|down the lane]. "[Come back|Stop|That is mine]!" cried {n}, and ran. It flew past {o}, who [jumped for it and missed|held out an umbrella|shouted, "Too late!"]. It flew over [the pond|a flock of geese|the roof of the mill]. [At the bridge it rested for a moment, but then it was off again.|Whenever {n} came near, it took another leap.] {Friend} [ran too|joined in]. [{m} had long legs.|They ran on both sides.] In the end it hung [at the very top of @ {tree}|on the weathercock|high up on a tall pole].

"[Now it is gone|We will never get it down]," said {n}. But just then the wind [turned|blew once more, softly], and down it came, right [onto {n}'s head|into {m}'s arms|at their feet].

"[The wind only wanted to play|Thank you, wind]," said {m}, [out of breath|panting|and held on to it tight]. {end}"""),

("cb", "autumn summer", """{open} {day} {n} and {g} went to the market. [{weather}|] There were [cheeses as big as wheels|heaps of {fruit}s|hens in baskets], and somebody sold [balloons|songs|birds made of paper]. {n} had one coin. {He} turned it over and over. [{He} would have liked @ {thing}.|There was @ {thing} that {he} liked.] [A bag of nuts would be nice too.|Or should it be a bun with sugar?] {He} could not [decide|choose].

At the corner [a small child|an old man|a young goat] stood and cried. "[I have lost my coin|I am so hungry|I cannot pay for the ferry]," came the sobbing. {n} looked at the {thing} once more. Then {he} [gave away {his} coin|put {his} coin into the basket].

"[And what did you buy|Well, what do you have]?" asked {g} [on the way home|later]. "[Nothing|I do not know exactly]," said {n}. "[But I still got something|It was not a thing, but it was good]." {G} [bought two buns and gave {him} one|looked at {him} for a long time and smiled|squeezed {his} {hand}]. {end}"""),

("cb", "", """{open} {day} {he} [woke up grumpy|got out of bed on the wrong side|was in a bad mood]. [The porridge was too hot.|{His} scarf had a hole.|The water was too cold.] [{weather}|] "[Leave me alone|Do not look at me]," {he} said to {friend}. "Go away," {he} said to [the sun|the cat|the ants|a fly]. [{n} kicked a stone, and the stone hurt {his} toe.|{He} slammed the door, and a pot fell down.] "[Everything is stupid today|What a horrid day]!" {he} shouted.

{m} [thought about it|scratched {mhis} head]. "[Let us be grumpy together|I know a good place for shouting]," {mhe} said. They climbed up to [the big rock|the top of the hill] and [growled|roared|shouted] as loud as they could. [The hills growled back.|^@ {bird} fell off its branch in surprise.|The echo was even grumpier.] They did it again and again, until [{n} had to laugh|their voices were gone|they both lay on their backs and laughed].

"[Where is your bad mood|Are you still grumpy]?" asked {m}. {n} looked [left and right|under {his} hat]. "[I must have lost it|It has flown away]," {he} said. {end}"""),

("cb", "", """{open} {day} {n} found an [old|old and torn|old and yellow] map [in a book|in a bottle|{hole}]. There was @ [cross|red cross|circle] on it, [next to a drawing of a tree|right beside the stream|between two stones]. "[Treasure|A treasure map]!" whispered {n}. {He} ran to fetch {friend}. "[Bring a spade|Do you have a spade]," {he} said. "[And tell nobody|It is a secret]." [{weather}|] They went [thirty steps to the left|past the {tree}|along the wall] and [ten to the right|over the ditch|down the slope]. There they dug. [They found a worm.|They found a stone.|They found roots.] They dug deeper. [Then the spade hit something hard.|Then it went clonk.]

It was @ [tin|wooden|little iron] box. In it lay [{number} {small}s|@ {small}|@ {thing}] and a note: "[Whoever finds this: add something, and bury it again|This was my treasure. Now it is yours|I was eight years old, and this was the best summer of my life]."

"[Who wrote that|How old is it]?" said {m}. The name at the bottom was that of {g}. [They ran home with a hundred questions.|They put in a drawing of their own and closed the box.|{n} laughed out loud.] {end}"""),

("cb", "", """{open} {day} {n} made a wish. "[I wish I could fly|I wish I were as big as a tree|I wish it were my birthday every day|I wish I had all the {food} in the world]," {he} said [to a falling star|to the well|with {his} eyes shut]. Nothing happened. {He} went to bed.

In the night {he} dreamed that it had come true. [At first it was wonderful.|Oh, how grand it was!] [But soon {he} was tired of it.|But then nobody wanted to play any more.|But after a while {he} felt very alone.] [{m} called, but {n} could not come.|{He} looked for {m}, but {m} was nowhere.] "[I want to go home|Stop|I want to be me again]!" cried {n}.

Then {he} woke up. [{weather}|The sun lay on the floor.|] {He} looked at {his} {hand}s and {his} feet. [They were just the right size.|All was as it had been.] {Friend} [knocked at the window|stood at the door]. "[Are you coming out|Do you want to play {game}]?" "Yes!" said {n}. "[That is exactly what I was wishing for|That is the best wish of all]." {end}"""),

("b", "autumn", """{open} Winter was coming, and everyone was busy. {Friend} gathered nuts. {O} [mended the roof|stuffed moss into the cracks]. But {n} [lay in the sun|danced in the leaves|played all day]. "[There is plenty of time|Winter is far away]," {he} said. [{weather}|] Then one night the frost came, and in the morning [the ground was as hard as stone|there was ice on the stream]. {n} looked into {his} pantry. There was [one nut and a spider|one dry {fruit}|nothing but @ {small}].

{He} [went out into the cold|knocked at {m}'s door with {his} head down]. "[I was foolish|I have nothing to eat]," {he} said. {m} looked at {mhis} own store. It was [just enough for one|not very big]. Then {mhe} opened the door wide. "[Can you tell stories|Can you sing]?" {mhe} asked. "[Then you have brought something too|Winter evenings are long]." So all winter {m} shared {mhis} food, and {n} [sang by the fire|told stories by the fire]. And when autumn came again, [{n} was the first to gather nuts|nobody worked harder than {n}|two pantries were full to the roof]."""),

("b", "", """{open} {day} @ [hungry wolf|big dog] came [sniffing|looking] for its breakfast. "[I am going to eat you|Good morning, breakfast]," it said, and [licked its lips|showed its teeth]. {n}'s heart beat like a drum, but {he} kept {his} voice calm. "[Of course|As you like]," said {n}. "[But I am thin, and my cousin is fat|But first let me show you something better|But there is a better breakfast nearby]." "[Where|Really]?" [growled the other|it said].

{n} led it to [the well|a deep pond]. "[Down there|In there]. [Have a look|See for yourself]." It [bent down low|leaned over], and it saw [a big hungry face that looked right back|two eyes and a row of teeth]. "[That one was here first|You will have to fight for it]," said {n}. [It growled, and the well seemed to growl too.|It barked, and a hollow bark came back.] Then it [turned and ran|tucked in its tail and was gone].

[{n} sat down, because {his} legs were shaking.|"What was all that noise?" asked {m}.] "[It was only somebody who was afraid of its own face|That was close]," said {n}. {end}"""),

("c", "", """{open} {day} {n} came home with @ [thin|wet|dirty|shaggy] [dog|cat|puppy|kitten] behind {him}. "[It followed me|It has nobody]," said {n}. "[May we keep it|Can it stay]?"

"[We have no room|It surely belongs to someone]," said {g}. "[We must ask around first|First we have to look for its home]." So {n} [drew a picture and hung it on {number} trees|asked at every door|asked {o}, and everyone in the street]. {weather} Nobody [knew the animal|had lost it]. At night it [lay in front of the stove and sighed|slept on {n}'s feet|snored]. [On the third day it ate one of {g}'s shoes.|It waited at the gate when {n} came from school.] "[That will not do|We shall see]," said {g}[, but smiled a little|].

At the end of the week {n} [found {g} asleep in the chair, with the animal on {ghis} lap|saw {g} buying @ {colour} collar]. "[Well|Somebody has to keep it warm]," said {g}[, and turned pink|, and coughed]. "[What shall we call it|It needs a name]." "[Button|Lucky|Friday|Crumb|Soup]," said {n} [at once|without thinking]. {end}"""),

("c", "autumn", """{open} {day} it was the first day of school. {n} [had a new bag|had been awake since five|held {g}'s hand very tight]. [{weather}|] "[What if nobody talks to me|What if I do not know anything|What if I get lost]?" {he} asked.

"[Then you ask|Look for somebody who looks as scared as you|Everyone there is new today]," said {g}. In the classroom there were [{number} tables|a big map and a fish in a bowl]. {n} sat down [in the last row|next to the window]. Beside {him} sat {m}, who [was chewing on {mhis} sleeve|looked as if {mhe} wanted to cry|did not say a word]. {n} thought for a bit. Then {he} [took out @ {small} and put it on the table|broke {his} bread in two|made a paper bird]. {m} looked. [Then {mhe} put {mhis} own {small2} next to it.|Then {mhe} smiled.|"I can make a frog," {mhe} whispered.]

"[And how was it|How was school]?" asked {g} at noon. "[Fine|Good]," said {n}. "[I have to go back tomorrow, because {m} is there|I already know one name]." {end}"""),

("c", "", """{open} {n} had a loose tooth. {He} [wiggled it all day|showed it to everyone|could turn it right around]. "[Shall I pull it|We could tie it to the door]," said {friend}. "[No, thank you|Not today]!" said {n}, and [shut {his} mouth tight|covered it with {his} hand]. {He} ate only [soup|porridge|soft bread]. {He} spoke [only a little|with {his} lips closed]. {He} did not [laugh|bite|sing], so that it would not fall out. "[That is no way to live|You look like a fish]," said {g}.

{day} {g} told a joke about [a goose who went to the barber|a bear who wanted to buy a hat|two snails in a hurry]. {n} tried not to laugh. [{His} cheeks grew round.|{He} held {his} nose.] But then it burst out of {him}, and [with the laugh, out came the tooth|the tooth flew across the table and landed in the butter].

"[It did not even hurt|Is that all]," said {n} in surprise. {He} put {his} tongue into the gap. [Now {he} could whistle.|It felt as big as a cave.|"Look, I have a window," {he} said.] {end}"""),

("c", "summer", """{open} {day} {he} went to the sea with {g}. {n} had never seen it before. [{weather}|] "[Where does it stop|Who filled it]?" {he} asked. "[Nobody knows|That is a good question]," said {g}. {n} built @ [castle|tower|town] of sand, with [a moat|{number} towers|a flag made of a feather]. [{He} put @ {small} on top.|A crab moved in at once.] Then the water came nearer. [One wave licked at the wall.|A wave came, and the gate was gone.] "[Stop|Go back]!" cried {n}. But the sea did not listen, and soon [there was only a smooth place|nothing was left].

{n} [was near to tears|stamped {his} foot]. "[It was so beautiful|All that work]," {he} said. "[The sea liked it so much that it took it home|The sea has made room for a new one]," said {g}. {n} thought about that. [Then {he} picked up {his} spade.|Then {he} began again, a bit farther up.] [They built until the sun went down.|The second was even better than the first.|And this one had a door for the crab.] {end}"""),

("c", "", """{open} {His} {gword} was [a baker|a clockmaker|a gardener|a shoemaker|a painter], or so {n} liked to say. In truth {ghe} did a little of everything. {day} {ghe} said, "[Today you are the boss|I need a helper today|Today we change places]." So {n} [put on the big apron|sat in the big chair|rolled up {his} sleeves]. {weather} First came {o}, who wanted [a present for a friend|something for a cold|good advice]. {n} [thought hard|rubbed {his} chin] and said, "[Take some {food}, that always helps|Take a nap|You need @ {small}, I think]." {O} [nodded|thanked {n}] and went away happy. [Then came a lady who could not decide.|Then came a boy who had lost a shoe.|Then came somebody who only wanted to talk.] {n} [listened|asked three questions], and that was enough.

In the evening {n} was [as tired as an old horse|so tired that {he} fell asleep over {his} soup]. "[Is it like this every day|Do you do this every day]?" {he} asked. "[Every day|Most days]," said {g}. "[But today I had good help|And no two are alike]." {end}"""),

("cb", "", """{open} {day} it was {g}'s birthday, and {n} had no present. [{weather}|] {He} had [no money|only a button|not one coin]. "[What do you give to somebody who has everything|What can one give without money]?" {he} asked {friend}. "[Flowers|A song]," said {m}. But [there were no flowers to be found|{n} sang like a frog]. "[A cake|Something that shines]," said {o}. But [there was no flour in the house|nothing that {he} had would shine].

{n} [sat on the step and thought|walked up and down]. {G} was always [tired in the evening|carrying wood|mending other people's things|looking for {ghis} slippers]. All at once {he} [had an idea|knew what to do|jumped up]. When {g} came home, [the wood was stacked|the floor was swept|the fire was lit] and [the table was set|a pot of tea stood ready]. On the table lay a card: "[One whole evening of rest|Today you do nothing, I do it all|For one evening I am your legs]."

"[That is what I wanted most|How did you know]," said {g}, and [sat down with a long happy sigh|put {ghis} feet up]. {end}"""),

("cb", "spring summer autumn", """{open} {day} {n} and {friend} wanted to cross the [river|stream], but the bridge was [broken|gone|under water]. [{weather}|] "[We have to go home|There is no way across]," said {m}. "[There is always a way|Let me think]," said {n}. First they tried [to jump|a long pole], and got [wet feet|wet up to the ears]. Then they tried [a tub|a log], and it [turned over|spun round and round]. [A frog watched them and said nothing.|The ducks laughed.]

{n} looked at [the stones on the bank|the big stones]. "[What if we throw them in|One stone, then one more]," {he} said. They rolled the first one into the water. [Splash!|Plop!] Then the next. It took [the whole morning|until noon|all afternoon]. [Their arms ached.|They were dirty and tired.] But in the end there were {number} stones in a row, and they [hopped|stepped] from one to the next.

The next day {o} used them too, and [then the whole village|then everyone else]. "[Who built this|How useful]," people said. {n} and {m} [only grinned|did not tell]. {end}"""),

("cb", "", """{open} {He} talked a great deal, and [most of it was true|some of it was even true]. {day} {he} told everyone, "I have seen {tale}!" [Everyone ran to look.|They dropped everything and ran.] There was nothing. {n} laughed. [{weather}|] The next day {he} said it again, and [once more they ran|half of them ran]. "[That is not funny|One day nobody will believe you]," said {o}.

Then, one evening, {n} saw [that the river was over its bank|that the gate stood open and the sheep were gone|smoke over the barn]. "[Come quickly|Help]!" {he} cried. But [nobody looked up|they only shook their heads]. "[Not again|We know your stories]," they said. Only {friend} looked into {n}'s face. "[You are white as milk|This time it is true]," said {m}. Together they [rang the bell|ran from door to door], until at last all came and [all was saved|nothing worse happened].

"I will [never do that again|only tell the truth from now on]," said {n}. "[You may still tell stories|Stories are fine]," said {m}, "[but say that they are stories|if you begin with once upon a time]." """),

("cb", "spring", """{open} {day} {he} found @ [round|smooth|big|speckled] egg [in the grass|in the reeds|beside the path]. It was cold. [{weather}|] "[Somebody has forgotten you|You need to be warm]," said {n}, and took it [home under {his} coat|carefully in both {hand}s]. {He} laid it [next to the stove|in a hat full of wool]. {He} [read to it|told it the news|turned it over every hour]. "[Eggs do not listen|That is only a stone]," said {friend}. "[Wait and see|We shall see]," said {n}.

On the {nth} night there was @ [knock|crack|tapping]. A beak came out, and then a wet head. "Peep," it said, and looked at {n}. "[It thinks that you are its mother|You are a parent now]," said {m}[, and laughed|]. The little {baby} went wherever {n} went. It [ate from {his} plate|slept in {his} hat|followed {him} through the house]. But when it was big, {n} [took it to the pond|showed it the water], where the others were. [It looked back once.|It did not know what to do.] "Go on," said {n}. [And it swam.|And then it swam off, as if it had never done anything else.] [Every evening it comes to the fence and says good night.|It still knows the way to {n}'s door.]"""),

("cb", "", """{open} {day} {n} wanted to paint [the sunset|the whole valley|{g}|the old {tree}]. {He} had {number} colours, and {he} [began at once|set to work]. But the picture came out [green|muddy|too dark]. {n} [frowned at the paper|threw down the brush]. "I cannot paint," {he} said. [{weather}|]

{O} [came by|looked over {his} shoulder]. "[I like this corner here|Look at that blue]," said {o}. "[What is that spot|And what is this]?" "[A mistake|It ran]," said {n}. "[Then make the mistake bigger and see what it turns into|Mistakes are doors, go through and look]," said {o}. {n} [frowned|was not sure]. But {he} took the brush. From the [blot|smear] {he} made [a whale|a cloud with legs|@ {bird} with a long tail], and from the next [a mountain|a dragon|a hat].

[It was not the picture that {he} had wanted.|It did not look like anything in the world.] It was [better|much more fun|all {his} own]. {He} hung it [over {his} bed|on the door, where everyone could see it|next to the window]. {end}"""),

("cb", "autumn", """{open} One [evening|night] there was a great storm. [The wind howled in the chimney.|The rain came down like a river.|The trees bent and groaned.] {n} and {g} sat [close together|by the fire]. All at once somebody knocked. "[Who can that be|Who is out in such weather]?" said {g}.

It was {o}, [wet to the skin|dripping]. "[My roof has blown away|The water is in my house]," said {o}. "[May I come in|Is there a dry corner here]?" "[Come in|Quick, come in]," said {n}. Then there was another knock. It was {friend}, [with a candle that had gone out|with wet hair|shivering]. And then came [{number} hens|a family of mice|a lost lamb]. [Soon the room was full.|There was hardly any space left.] "[We have only one pot of soup|Will it be enough]?" whispered {n}. {G} [added water|cut the bread very thin]. And [it was enough|everyone got a little]. They [sang|told stories] so loud that nobody heard the storm any more.

[In the morning the sun shone, and they all went to mend the roof.|In the morning it was quiet, and no one wanted to go home.] "[It was the nicest storm that I remember|Small houses can be very big]," said {o}. {end}"""),

("cb", "spring summer", """{open} {n} was always late. [{He} stopped to look at every snail.|{He} talked to everyone on the way.|There was just so much to see.] {day} {he} was to meet {friend} at the [bridge at noon|{tree} after breakfast]. [{weather}|] "[Please do not be late|Please be on time]," {m} had said. {n} [set out early|ran]. But on the way [a beetle lay on its back, and {he} turned it over|somebody's cart had lost a wheel, and {he} helped|an ant was carrying a leaf, and {he} had to see where it went]. Then [there was a gate to close|a duckling had lost its mother, and {he} helped to look|{o} needed someone to hold a ladder]. When {he} came, [the sun was low|the clock had struck one, and then two].

{m} [sat there with folded arms|was cross]. "[Late again|I have waited for hours]!" {mhe} said. {n} told {mhim} everything. {m} listened, and [{mhis} face changed|slowly {mhe} began to smile]. "[You were not late|So that is it]," said {m}. "[You were busy|You were on time for everyone else]. [Next time I will come and fetch you|Next time we will go together], and [then we can be late together|then I will see it too]." {end}"""),

("cb", "", """{open} {day} {n} met {o} at the well. {O} looked [sad|troubled|tired]. "[What is wrong|Can I help]?" asked {n}. "[I have forgotten my song|I have forgotten how to laugh|I have lost the end of my story]," said {o}. "[Then we shall look for it|Things that are lost can be found]," said {n}. [{weather}|] They asked {friend}, who [hummed something, but it was not that|told a joke, but it did not help]. They asked the [river|wind], which [only murmured|had no time]. They looked [in the pockets of an old coat|under each stone|up in the tree].

At last they sat down [on the wall|in the grass] and shared some {food}. [A fly landed on {o}'s nose.|{n} put {his} hat on back to front.|{n} got the hiccups. Hic!] {O} [looked up|began to shake]. Then it came, [first softly, then louder|from deep down]: there it was again!

"[Where was it|Did you find it]?" asked {m}, who came running. "[It was here the whole time|It was only hiding]," said {o}. "[It cannot come out when one is alone|It was waiting for company]." {end}"""),

("c", "summer", """{open} {day} the train [stopped in the middle of a field|did not go on]. {n} and {g} were on their way to [the sea|the mountains|a wedding|the city]. [{weather}|] "[How long will it take|When will it go on]?" everyone asked. [A cow was lying on the rails.|The driver shrugged.|A tree had fallen across the line.] People [grumbled|looked at their watches]. A man in @ {colour} coat [grumbled loudest|said that it was a scandal]. {n} [looked out of the window|got out and stood in the grass]. There were {flowers}, and [a brook|a hill just right for rolling down]. "[May I play there|Can I pick some]?" {he} asked.

[Soon another child came, and then another.|{n} gave some to a lady, and she laughed.] Somebody [took out an accordion|had cheese rolls for everyone|had a basket of {fruit2}s]. [They spread a blanket.|People who had not said a word began to talk.] Even the man in the {colour} coat [took off his shoes|sat down and ate @ {fruit}]. When the whistle blew, [nobody wanted to get in|they were almost sorry].

"[That was the best part of the trip|I hope that it breaks down on the way back, too]," said {n}. {end}"""),

("b", "summer", """{open} {day} {n} looked into the [pond|stream] and did not like what {he} saw. "[My ears are too long|My nose is too big|My tail is too short|My fur is so plain]," {he} said. "[I want to be beautiful, like the swan|I want stripes|If only I had wings]." So {he} [stuck feathers into {his} fur|painted {himself} with berry juice|put {flowers} on {his} head]. {Friend} [did not know {him}|stared]. "[Who are you|Have you seen {n}]?" asked {m}. "I am {n}!" "[No|Oh no]," said {m}. "[{n} smells different|My friend looks like my friend]."

[{weather}|] Then it rained, and [the colours ran down in streaks|all the finery hung like wet straw]. {n} [sat under a leaf|was ashamed]. At that moment, [far off|in the bushes], somebody called for help: a young {bird} was caught in the thorns. And {n}, with [those long ears|that good nose|that thick plain coat|those quick feet], was [the only one who heard it|the first to get there].

"[I am glad that you are you|Stay just as you are]," said {m} [later|afterwards]. {n} looked into the water once more. "[Not so bad|Hello, you]," said {n}. {end}"""),

("cb", "autumn", """{open} Behind {his} home stood one {fruit} tree. [The best ones hung highest, as they always do.|The lowest branches were empty already.] {day} {n} wanted @ {fruit} from the very top. [{weather}|] {He} shook the trunk. [Nothing fell.|Only a caterpillar came down.] {He} threw a stick. [It stuck up there.|It came back and hit {his} toe.] "[Come down here|You silly thing]!" {he} said.

{Friend} came. "[Stand on my back|Climb on my shoulders]," said {m}. [It was not enough.|They were one arm too short.] Then came {o}. "[I can stand below|Use me as a ladder]," said {o}. So {n} stood on {m}, and {m} stood on {o}, [and everyone wobbled|and all three swayed like a reed]. {n} stretched, and stretched, and got it.

Then they fell down, [one on top of the other|in a heap]. [Nobody was hurt.|How they laughed!] {n} looked at the {fruit}. [It was big enough for three.|{He} broke it in three parts.] "[That is the sweetest one I ever ate|Up there it was only big]," said {n}. "[It must be because we got it together|Down here it is good]." {end}"""),
]

# What does not begin with the sound that its first letter promises.
A_NOT_AN = ("one", "use", "uni", "eu")
AN_NOT_A = ("hour", "honest", "heir")
QUESTION = re.compile(r"(And |Well, )?(who|what|where|when|why|how|do|does|did|is|are|can|may|shall|will|must|have|could|"
                      r"whose|someone so|anything|really)\b", re.IGNORECASE)
NO_QUESTION = re.compile(r"What a |Do not|Whoever|How useful|Have a look|Who knows")


def article(word):
    word = word.lower()
    vowel = word[0] in "aeiou" and not word.startswith(A_NOT_AN) or word.startswith(AN_NOT_A)
    return "an" if vowel else "a"


def capital(text):
    return text[0].upper() + text[1:]


def mark_speech(text):
    """One pair of quotes may hold remarks and questions as alternatives: gives each the mark that it wants."""

    def mark(match):
        body, end, after = match.groups()
        last = re.split(r"(?<=[.!?;]) ", body)[-1]
        asks = bool(QUESTION.match(last)) and not NO_QUESTION.match(last) or last in ("You", "What else")
        if end != "!":
            end = "?" if asks else "," if end == "?" and after.strip() else "." if end == "?" else end
        return f'"{body}{end}"{after}'

    # Lower case after the quotes means that the sentence goes on there ("..." said Ann), as does a name before
    # its verb, which the plots do not use.
    return re.sub(r'"([^"\n]*?)([,.?!])"((?: [a-z]\w*)?)', mark, text)


class Story:
    """The cast and words of one story, and the expansion of a plot with them."""

    def __init__(self, rng, kinds, seasons):
        self.rng = rng
        child = rng.choice(kinds) == "c"
        season = rng.choice((seasons or "spring summer autumn winter").split())
        self.lists = {**WORDS, **(CHILD if child else BEAST), "day": DAYS[season] + DAYS["any"],
                      "weather": WEATHERS[season] + WEATHERS["any"], "open": OPENINGS}
        female = rng.random() < 0.5
        self.values = values = {}
        self.pronouns("", female)
        self.pronouns("m", not female)  # so that "he" and "she" are never in doubt between the two friends
        if child:
            names, other_names = (GIRLS, BOYS) if female else (BOYS, GIRLS)
            noun, other = ("girl", "boy") if female else ("boy", "girl")
        else:
            names = other_names = BEAST_NAMES
            noun, other = rng.sample(BEASTS, 2)
        values["n"] = rng.choice(names)
        values["m"] = rng.choice([name for name in other_names if name != values["n"]])
        adj = values["adj"] = rng.choice(WORDS["adj"])
        values["mnoun"] = other
        values["kind"] = f"@ {adj} {noun}"
        values["intro"] = f"@ {adj} {noun} {rng.choice(['named', 'called', 'by the name of'])} {values['n']}"
        values["gword"], who = rng.choice(GROWN)
        values["g"] = f"{values['his']} {values['gword']}"
        self.pronouns("g", who == "she")
        values["o"] = rng.choice(self.lists["helper"])

    def pronouns(self, prefix, female):
        words = ("she", "her", "her") if female else ("he", "him", "his")
        self.values.update({prefix + key: word for key, word in zip(("he", "him", "his"), words)})
        self.values[prefix + "himself"] = words[1] + "self"

    def value(self, key):
        if key not in self.values:
            base = key.rstrip("0123456789")
            taken = self.values.get(base)
            self.values[key] = self.expand(self.rng.choice([w for w in self.lists[base] if base == key or w != taken]))
        return self.values[key]

    def expand(self, text):
        """Replaces alternatives, the innermost first, and then values, until none is left."""
        while match := re.search(r"\[([^\[\]]*)\]", text):
            text = text[:match.start()] + self.rng.choice(match[1].split("|")) + text[match.end():]
        while match := re.search(r"\{(\w+)\}", text):
            key = match[1]
            value = self.value(key[0].lower() + key[1:])
            if key[0].isupper():
                value = value.replace("@", "^@", 1) if value[0] == "@" else capital(value)
            text = text[:match.start()] + value + text[match.end():]
        return text

    def tell(self, plot):
        text = self.expand(plot)
        text = re.sub(r"(\^?)@ (\w+)", lambda m: (capital if m[1] else str)(article(m[2])) + " " + m[2], text)
        text = "\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
        return mark_speech(text)


def sentences(text):
    return re.split(r'(?<=[.!?"]) |\n', text)


def make(seed, size):
    rng = random.Random(seed)
    stories, used, deck, total = [], {}, [], 0
    while total < size:
        if not deck:
            deck = rng.sample(PLOTS, len(PLOTS))
        kinds, seasons, plot = deck.pop()
        tellings = [Story(rng, kinds, seasons).tell(plot) for _ in range(8)]
        tellings = [t for t in tellings if 60 <= len(t.split()) <= 180 and t not in stories]
        if not tellings:
            continue
        # The telling that repeats least of what has been said before.
        best = min(tellings, key=lambda t: sum(used.get(s, 0) for s in sentences(t)) / len(sentences(t)))
        for sentence in sentences(best):
            used[sentence] = used.get(sentence, 0) + 1
        stories.append(best)
        total += len(best) + 2
    return "\n\n".join(stories) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("output", nargs="?", type=pathlib.Path, default=pathlib.Path(__file__).with_name("stories.txt"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bytes", type=int, default=520_000, help="about how long the text gets")
    args = parser.parse_args()
    args.output.write_text(make(args.seed, args.bytes), encoding="ascii", newline="\n")


if __name__ == "__main__":
    main()

// The surface grammar of Tally, whole: forms that this version does not compile yet are parsed all the
// same, so that their diagnostic can name them (T9001).
grammar Tally;

file          : moduleDecl importDecl* topDecl* EOF ;
moduleDecl    : doc* 'module' qname 'version' NUMBER ';' ;
importDecl    : 'import' qname ('{' name (',' name)* ','? '}')? ';' ;

topDecl       : doc* vis? ( constDecl | recordDecl | enumDecl | errorDecl | eventDecl | assetDecl
              | contractDecl | fnDecl | migrateDecl | testDecl | propertyDecl ) ;
vis           : 'pub' ('(' 'package' ')')? ;
doc           : DOC ;

constDecl     : 'const' name ':' type '=' expr ';' ;
recordDecl    : 'record' name typeParams? '{' field* '}' ;
field         : doc* name ':' type ('=' expr)? ';' ;
enumDecl      : 'enum' name '{' variant (',' variant)* ','? '}' ;
variant       : doc* name ('(' params ')')? ;
errorDecl     : 'error' name typeParams? ('(' params ')')? STRING ';' ;
eventDecl     : 'event' name typeParams? '{' field* '}' ;
assetDecl     : 'asset' name typeParams? '{' field* '}' ;
typeParams    : '<' name (',' name)* '>' ;

contractDecl  : 'contract' name typeParams? ('of' type 'as' name)? '{' member* '}' ;
member        : doc* ( roleDecl | constField | varDecl | vaultDecl | accrualDecl | lifecycleDecl | stateData
              | invariantDecl | createDecl | actionDecl | clauseDecl | viewDecl | fnDecl
              | bookDecl | datedDecl | logDecl | sumDecl | addsDecl ) ;
roleDecl      : 'role' name ':' type ';' ;
constField    : 'const' name ':' type ('=' expr)? ';' ;
varDecl       : 'var' name ':' type ('=' expr)? ';' ;
vaultDecl     : 'vault' name ':' type ';' ;
accrualDecl   : 'accrual' name 'on' expr 'at' expr 'by' expr ';' ;
lifecycleDecl : 'lifecycle' '{' 'initial' name ';' transition* 'final' name (',' name)* ';' '}' ;
transition    : name '->' name (',' name)* ';' ;
stateData     : 'data' 'in' stateSet '{' field* '}' ;
stateSet      : name ('|' name)* ;
invariantDecl : 'invariant' name ('while' stateSet)? ':' expr ';' ;
bookDecl      : 'book' 'max' NUMBER '{' (doc* (bookField | accrualDecl | stepDecl | entryDecl | fnDecl))* '}' ;
bookField     : name ':' type ('=' expr)? ';' ;
stepDecl      : 'step' name 'on' 'each' name 'in' expr block ;
entryDecl     : 'entry' name '(' params? ')' block ;
datedDecl     : 'dated' name ':' type ('max' NUMBER)? ';' ;
logDecl       : 'log' name ':' type ';' ;
sumDecl       : 'sum' name ':' type ';' ;
addsDecl      : 'adds' expr 'to' expr ';' ;

createDecl    : 'create' '(' params? ')' head block ;
actionDecl    : 'action' name '(' params? ')' ('->' type)? head block ;
clauseDecl    : 'clause' name trigger head block ;
viewDecl      : 'view' name '(' params? ')' '->' type head block ;
fnDecl        : 'native'? 'fn' name typeParams? '(' params? ')' ('->' type)? head (block | ';') ;
migrateDecl   : 'migrate' name 'from' NUMBER head block ;
trigger       : 'on' 'each' name 'in' expr ('at' name)?   # triggerEach
              | 'on' expr ('at' name)?                    # triggerOn ;
head          : byPart? statePart? whenPart? becomesPart? lawPart? adjustPart? requirePart* ensurePart* failsPart? ;
byPart        : 'by' auth ;
statePart     : ('in' | 'while') stateSet ;
whenPart      : 'when' expr ;
becomesPart   : 'becomes' stateSet ;
lawPart       : 'law' STRING ;
adjustPart    : 'adjust' expr ;
requirePart   : 'require' expr 'else' call ;
ensurePart    : 'ensure' expr ;
failsPart     : 'fails' name (',' name)* ;
auth          : 'all' 'of' '(' auth (',' auth)* ','? ')'               # authAll
              | 'any' 'of' '(' auth (',' auth)* ','? ')'               # authAnyList
              | 'any' 'of' path                                        # authAny
              | 'each' 'of' path                                       # authEach
              | NUMBER 'of' path                                       # authCount
              | 'quorum' '(' NUMBER '/' NUMBER ',' path ')'            # authQuorum
              | 'anyone'                                               # authAnyone
              | 'contract'                                             # authContract
              | 'child' name                                           # authChild
              | path                                                   # authTerm ;
// A path, not an expression: `by lead in Draft` would read as membership.
path          : name pathStep* ;
pathStep      : '.' name | '[' expr ']' | '(' args? ')' ;

params        : param (',' param)* ','? ;
param         : name ':' type ;
type          : name typeArgs? '?'? ;
typeArgs      : '<' typeArg (',' typeArg)* '>' ;
typeArg       : type | 'max' NUMBER ;

block         : '{' stmt* '}' ;
stmt          : 'let' pattern (':' type)? '=' expr ';'                                # letStmt
              | 'var' name (':' type)? '=' expr ';'                                   # localVar
              | expr op=('='|'+='|'-=') expr ';'                                      # assign
              | 'if' expr block elseIf* ('else' block)?                               # ifStmt
              | 'for' pattern 'in' expr block                                         # forStmt
              | 'match' expr '{' arm+ '}'                                             # matchStmt
              | 'become' name ('{' fieldInits? '}')? ';'                              # becomeStmt
              | 'emit' name ('{' fieldInits? '}')? ';'                                # emitStmt
              | 'fail' call ';'                                                       # failStmt
              | 'return' expr? ';'                                                    # returnStmt
              | 'break' ';'                                                           # breakStmt
              | 'enter' name '(' args? ')' 'valued' expr 'ref' expr ';'               # enterStmt
              | 'reverse' expr ';'                                                    # reverseStmt
              | 'advance' 'to' expr ';'                                               # advanceStmt
              | 'expect' 'fail' name ('{' fieldInits? '}')? 'from' expr ';'           # expectFail
              | 'expect' 'event' name ('{' fieldInits? '}')? ';'                      # expectEvent
              | 'expect' 'conserved' expr ';'                                         # expectConserved
              | 'expect' expr ';'                                                     # expectTrue
              | 'given' expr ';'                                                      # givenStmt
              | expr ';'                                                              # exprStmt ;
elseIf        : 'else' 'if' expr block ;
fieldInits    : fieldInit (',' fieldInit)* ','? ;
fieldInit     : name ':' expr ;
pattern       : name | '(' name (',' name)* ')' ;
arm           : (name | 'none' | 'some') ('(' name (',' name)* ')')? '=>' (block | expr ';') ;

expr          : expr '.' name                                                         # memberExpr
              | expr '[' expr ']'                                                     # indexExpr
              | expr '(' args? ')'                                                    # callExpr
              | name typeArgs '.' name '(' args? ')'                                  # createExpr
              | 'move' expr                                                           # moveExpr
              | 'old' '(' expr ')'                                                    # oldExpr
              | '-' expr                                                              # negateExpr
              | expr op=('*'|'/') expr                                                # mulExpr
              | expr op=('+'|'-') expr                                                # addExpr
              | expr op=('<'|'<='|'>'|'>='|'=='|'!=') expr                            # compareExpr
              | expr 'is' name                                                        # isExpr
              | expr 'in' expr                                                        # inExpr
              | 'not' expr                                                            # notExpr
              | expr 'and' expr                                                       # andExpr
              | expr 'or' expr                                                        # orExpr
              | 'sum' '(' expr 'for' pattern 'in' expr ('if' expr)? ')'               # sumExpr
              | 'every' '(' pattern 'in' expr ':' expr ')'                            # everyExpr
              | 'some' '(' pattern 'in' expr ':' expr ')'                             # someExpr
              | 'waterfall' '(' expr ')' '{' tier* ('rest' name ';')? '}'             # waterfallExpr
              | 'as' (name | '(' name (',' name)* ','? ')') expr                      # asExpr
              | 'batch' ('all' | 'each') '{' (expr ';')+ '}'                          # batchExpr
              | name '{' fieldInits? '}'                                              # recordExpr
              | literal                                                               # literalExpr
              | name                                                                  # nameExpr
              | '(' expr ')'                                                          # parenExpr
              | '[' expr ('for' pattern 'in' expr)+ ('if' expr)? ']'                  # comprehensionExpr
              | '[' (expr (',' expr)* ','?)? ']'                                      # listExpr ;
tier          : name 'up_to' expr ';'                                                 # tierUpTo
              | name ('over' name 'in' expr)? 'from' expr ';'                         # tierFrom
              | 'each' name 'in' expr '{' tier+ '}'                                   # tierEach ;
args          : arg (',' arg)* ','? ;
arg           : (name ':')? expr ;
call          : name ('(' args? ')')? ;

// Words that are keywords in one place only may be names everywhere else.
name          : ID | 'book' | 'dated' | 'log' | 'sum' | 'adds' | 'step' | 'entry' | 'enter' | 'reverse' | 'ref' | 'valued'
              | 'anyone' | 'of' | 'as' | 'child' | 'over' | 'on' | 'from' | 'test' | 'at' | 'to' | 'data' | 'version' | 'law'
              | 'event' | 'role' | 'rest' | 'final' | 'initial' | 'package' | 'max' | 'accrual' | 'given'
              | 'create' | 'native' | 'conserved' | 'batch' | 'migrate' | 'advance' | 'property' | 'asset' | 'all' | 'any' | 'each' ;

literal       : NUMBER '%' name?          # percentLiteral
              | NUMBER ID                 # unitLiteral
              | NUMBER                    # numberLiteral
              | DATE                      # dateLiteral
              | STRING                    # textLiteral
              | 'true'                    # trueLiteral
              | 'false'                   # falseLiteral
              | 'none'                    # noneLiteral ;
testDecl      : 'test' STRING block ;
propertyDecl  : 'property' STRING '(' params? ')' block ;
qname         : name ('.' (name | 'waterfall'))* ;

DATE          : [0-9][0-9][0-9][0-9] '-' [0-9][0-9] '-' [0-9][0-9] ;
NUMBER        : [0-9] [0-9_]* ('.' [0-9]+)? ;
STRING        : '"' (~["\\\r\n] | '\\' .)* '"' ;
ID            : [a-zA-Z_] [a-zA-Z0-9_]* ;
DOC           : '///' ~[\r\n]* ;
LINE_COMMENT  : '//' ~[\r\n]* -> skip ;
// An open one runs to the end, so that looking for its end happens once.
BLOCK_COMMENT : '/*' .*? ('*/' | EOF) -> skip ;
WS            : [ \t\r\n]+ -> skip ;
UNKNOWN       : . ;
